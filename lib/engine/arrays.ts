/** Weights as the engine has them: integers of the wide or hardware arithmetic (wider than 16 bits: Int32Array), or floats. */
export type WeightArray = Int16Array | Int32Array | Float32Array;

/** Biases as the engine has them. */
export type BiasArray = Int32Array | Float32Array;
