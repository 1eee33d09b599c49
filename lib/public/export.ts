/**
 * Writes a trained network for other programs: {@link exportOnnx}, {@link exportC}, {@link exportNpz} and
 * {@link exportSafetensors}; {@link exportTensorBoard} writes a run log. docs/export.md describes the formats and says
 * which of them are exact.
 *
 * @module sparse-train/export
 */

export type { CExport } from '../export/c/export.js';
export { exportC, exportNpz, exportOnnx, exportSafetensors, exportTensorBoard } from '../export/index.js';
export type { NpzExport } from '../export/npz.js';
export type { OnnxExport } from '../export/onnx/export.js';
export type { CInput, COptions, ExportInput, NpzOptions, OnnxForm, OnnxOptions } from '../export/options.js';
export type { SafetensorsExport } from '../export/safetensors.js';
export type { TensorBoardExport } from '../export/tensorboard/export.js';
