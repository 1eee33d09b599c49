/** The export functions of the public API. The code and libraries of a format are loaded when it is first used. */
import type { Network } from '../training/network.js';
import type { CExport } from './c/export.js';
import type { NpzExport } from './npz.js';
import type { OnnxExport } from './onnx/export.js';
import type { COptions, NpzOptions, OnnxOptions } from './options.js';
import type { SafetensorsExport } from './safetensors.js';
import type { TensorBoardExport } from './tensorboard/export.js';

/**
 * Writes a network as an ONNX file, with inputs `input` [rows, inputs] and outputs `scores` and `decision`, which equal
 * predict()'s and classify()'s bit for bit unless the network's arithmetic is float (docs/export.md).
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, NETWORK_TOO_LARGE,
 * FILE_NOT_FOUND, FILE_ACCESS
 */
export async function exportOnnx(
  network: Network,
  file: string,
  options: OnnxOptions = {},
): Promise<OnnxExport> {
  const { writeOnnx } = await import('./onnx/export.js');
  return writeOnnx(network, file, options);
}

/**
 * Writes a network of the wide or hardware arithmetic as C99 without dependencies, for microcontrollers: FILE.c and
 * FILE.h, only integers, with constant tables of its edges. It computes the same integers as predict().
 *
 * @param file - ends in .c; the header goes beside it
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function exportC(network: Network, file: string, options: COptions = {}): Promise<CExport> {
  const { writeC } = await import('./c/export.js');
  return writeC(network, file, options);
}

/**
 * Writes weights as sparse matrices (CSR, a row for each right neuron) and biases as NumPy archives: one for all
 * junctions with keys `junction.0.data` and so on, or, where the path has `{junction}` in it, one for each, which
 * scipy.sparse.load_npz reads.
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function exportNpz(
  network: Network,
  file: string,
  options: NpzOptions = {},
): Promise<NpzExport> {
  const { writeNpz } = await import('./npz.js');
  return writeNpz(network, file, options);
}

/**
 * Writes dense float32 matrices as safetensors: `layers.0.weight` [right, left], `layers.0.bias` and so on, as
 * PyTorch's Linear stores them. To continue training here, use `network.save()` instead.
 *
 * @throws SparseTrainError (by rejection) INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function exportSafetensors(
  network: Network,
  file: string,
  options: object = {},
): Promise<SafetensorsExport> {
  const { writeDenseSafetensors } = await import('./safetensors.js');
  return writeDenseSafetensors(network, file, options);
}

/**
 * Writes TensorBoard's event files from a run log: a folder for each run, with loss, accuracy, learning rate, speed,
 * validation and saturation of each epoch.
 *
 * @param log - a run log that fit({ log }) wrote
 * @param folder - created if it does not exist
 * @throws SparseTrainError (by rejection) INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function exportTensorBoard(
  log: string,
  folder: string,
  options: object = {},
): Promise<TensorBoardExport> {
  const { writeTensorBoard } = await import('./tensorboard/export.js');
  return writeTensorBoard(log, folder, options);
}
