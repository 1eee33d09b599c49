/**
 * Weights as the engine stores them: integers of the wide or hardware arithmetic (Int32Array above 16 bits), or
 * floats.
 */
export type WeightArray = Int16Array | Int32Array | Float32Array;

/** Biases as the engine stores them. */
export type BiasArray = Int32Array | Float32Array;
