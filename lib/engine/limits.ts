/** The largest sizes that the engine accepts; native/addon checks them again, and a test compares the two. */

/** Neurons of a layer. */
export const MAX_NEURONS = 2 ** 20;

/**
 * Layers of a network. Every layer keeps an activation of each input in flight, twice as many inputs as there are
 * layers: memory grows with the square, to about 200 MB for 256 small layers.
 */
export const MAX_LAYERS = 256;

/** Edges of a junction. */
export const MAX_EDGES = 2 ** 31 - 1;

/** Threads of a call. */
export const MAX_THREADS = 256;

/** Examples of a mini-batch. */
export const MAX_BATCH = 65_536;

/** Pixels by which an image moves. */
export const MAX_SHIFT = 1024;

/** Examples whose gradients decide which edges move. */
export const MAX_RECORD = 2 ** 20;

/** Inputs of a learner. */
export const MAX_SLOTS = 2 ** 24;

/** The hidden neurons of each member of a learner are a multiple of this. */
export const LEARNER_WIDTH = 64;
export const MAX_LEARNER_HIDDEN = 1024;
