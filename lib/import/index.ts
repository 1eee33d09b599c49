import type { ImportedNetwork } from './import.js';
import type { ImportOptions } from './options.js';

/**
 * Makes a network from the matrices of another program, in an .npz or safetensors file: dense ones, whose nonzero
 * entries are edges, or scipy's CSR, CSC or COO, whose stored entries are. Each becomes a pattern; its
 * numbers become the initial weights, rounded to the network's format, unless only the edges are wanted.
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 * with the reason, NETWORK_TOO_LARGE
 */
export async function importNetwork(file: string, options: ImportOptions = {}): Promise<ImportedNetwork> {
  const { readNetwork } = await import('./import.js');
  return readNetwork(file, options);
}
