/**
 * Writes a trained network for other programs: ONNX, C, NumPy, safetensors and TensorBoard.
 *
 * @packageDocumentation
 */

export type { CExport, CInput, COptions } from '../export/c/export.js';
export { exportC, exportNpz, exportOnnx, exportSafetensors, exportTensorBoard } from '../export/index.js';
export type { ExportInput } from '../export/inputs.js';
export type { NpzExport, NpzOptions } from '../export/npz.js';
export type { OnnxExport, OnnxForm, OnnxOptions } from '../export/onnx/export.js';
export type { SafetensorsExport } from '../export/safetensors.js';
export type { TensorBoardExport } from '../export/tensorboard/export.js';
