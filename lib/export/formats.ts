/** The formats by name. */
import { extname } from 'node:path';
import { SparseTrainError, unknownName } from '../base/errors.js';
import { optionName, say } from '../base/wording.js';
import type { Network } from '../training/network.js';
import { exportC, exportNpz, exportOnnx, exportSafetensors, exportTensorBoard } from './index.js';

/** Options of all formats; each format takes some of them. */
export interface FormatOptions {
  form?: string | undefined;
  input?: string | undefined;
  name?: string | undefined;
  values?: string | undefined;
}

/** The result of an export; further fields depend on the format and can be written as JSON. */
export interface ExportFacts {
  readonly files: readonly string[];
  readonly form?: string;
  readonly input?: string;
  readonly exact?: boolean;
}

export interface ExportFormat {
  readonly name: string;
  /** Extensions of its files; undefined if the output is a folder. */
  readonly extension: string | undefined;
  readonly options: readonly (keyof FormatOptions)[];
  /** The function that exports; it checks its options. */
  readonly write:
    | {
        readonly of: 'model';
        run(network: Network, output: string, options: object): Promise<ExportFacts>;
      }
    | { readonly of: 'log'; run(log: string, output: string): Promise<ExportFacts> };
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  { name: 'onnx', extension: '.onnx', options: ['form', 'input'], write: { of: 'model', run: exportOnnx } },
  { name: 'c', extension: '.c', options: ['name', 'input'], write: { of: 'model', run: exportC } },
  { name: 'npz', extension: '.npz', options: ['values'], write: { of: 'model', run: exportNpz } },
  {
    name: 'safetensors',
    extension: '.safetensors',
    options: [],
    write: { of: 'model', run: exportSafetensors },
  },
  { name: 'tensorboard', extension: undefined, options: [], write: { of: 'log', run: exportTensorBoard } },
];

/**
 * The format of this name, or the one that the output's extension implies.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function exportFormat(name: string | undefined, output: string): ExportFormat {
  const names = EXPORT_FORMATS.map((format) => format.name);
  if (name !== undefined) {
    const named = EXPORT_FORMATS.find((format) => format.name === name);
    if (named === undefined) throw unknownName('INVALID_OPTION', 'format', name, names);
    return named;
  }
  const extension = extname(output).toLowerCase();
  const format = EXPORT_FORMATS.find((candidate) => extension !== '' && candidate.extension === extension);
  if (format !== undefined) return format;
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'format',
    says: say`${optionName('format')} must be given (${names.join(', ')}), as the name ${output} does not show it`,
  });
}
