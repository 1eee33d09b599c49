/** The largest sizes that the engine takes; native/addon checks them again. */

/** Neurons of a layer. */
export const MAX_NEURONS = 2 ** 20;

/** Layers of a network. */
export const MAX_LAYERS = 1000;

/** Edges of a junction. */
export const MAX_EDGES = 2 ** 31 - 1;

/** Threads of a call. */
export const MAX_THREADS = 256;

/** Examples of a mini-batch. */
export const MAX_BATCH = 65_536;
