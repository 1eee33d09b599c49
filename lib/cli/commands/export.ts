import { stat } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';
import { bytes } from '../../base/numbers.js';
import { boolean, oneOf, path } from '../../base/options/kinds.js';
import {
  EXPORT_FORMATS,
  type ExportFacts,
  type ExportFormat,
  exportFormat,
  type FormatOptions,
} from '../../export/formats.js';
import { C, C_INPUTS, EXPORT_INPUTS, NPZ, ONNX } from '../../export/options.js';
import { Network } from '../../training/network.js';
import { defineCommand } from '../command.js';
import type { Settings } from '../settings/setting.js';
import { missingOption } from '../usage.js';

const formatSettings = {
  form: { flag: '--form', kind: ONNX.form.kind, description: `onnx: ${ONNX.form.text}` },
  input: {
    flag: '--input',
    kind: oneOf([...new Set([...EXPORT_INPUTS, ...C_INPUTS])], '<type>'),
    description: `onnx: ${EXPORT_INPUTS.join(', ')}; c: ${C.input.text}`,
  },
  name: { flag: '--name', kind: C.name.kind, description: `c: ${C.name.text}` },
  values: { flag: '--values', kind: NPZ.values.kind, description: `npz: ${NPZ.values.text}` },
} as const satisfies Settings;

export default defineCommand({
  description:
    'ONNX files compute the same decisions and scores, bit for bit; C files, for microcontrollers, compute the same integers; ' +
    '.npz files hold sparse matrices for scipy (with {junction} in the name, one file per junction); safetensors files hold dense ' +
    "matrices for PyTorch; a run log becomes TensorBoard's event files. docs/export.md says which results are exact.",
  arguments: [
    { name: 'file', description: 'a model file that train or mnist wrote; for tensorboard a run log' },
  ],
  options: {
    'Output:': {
      format: {
        flag: '--format',
        kind: oneOf(
          EXPORT_FORMATS.map(({ name }) => name),
          '<format>',
        ),
        description: EXPORT_FORMATS.map(({ name }) => name).join(', '),
      },
      out: {
        flag: '--out',
        oldFlags: ['--output'],
        kind: path(),
        description: 'the file, for tensorboard the folder, to write',
      },
      force: { flag: '--force', kind: boolean, description: 'replace existing files' },
    },
    'Formats:': formatSettings,
  },
  defaults: {
    format: 'by the extension of --out',
    form: 'float',
    input: 'as the network was trained',
    name: "the file's",
    values: 'real',
  },
  examples: [
    'sparse-train export sparse-train-mnist.safetensors --out digits.onnx',
    'sparse-train export sparse-train-mnist.safetensors --out digits.c',
    'sparse-train export sparse-train-mnist.safetensors --format npz --out "digits-{junction}.npz"',
    'sparse-train export sparse-train-mnist.jsonl --format tensorboard --out runs',
  ],
  async run({ words, options }) {
    const file = words[0] as string;
    const { format: wanted, out: output, force = false, json: _, ...given } = options;
    if (output === undefined) throw missingOption('--out', 'where the export goes');
    const format = exportFormat(wanted, output);
    const wished = checkOptions(format, given);
    if (format.write.of === 'log') return outcome(format, file, await format.write.run(file, output));
    const network = await Network.load(file);
    const outputs = outputFiles(format, output, network.layers.length - 1);
    for (const path of outputs) await refuseExisting(path, file, force);
    return outcome(format, file, await format.write.run(network, output, wished));
  },
});

/** The given options. Options of other formats are refused. */
function checkOptions(format: ExportFormat, given: FormatOptions): FormatOptions {
  for (const key of Object.keys(given) as (keyof FormatOptions)[]) {
    if (given[key] === undefined || format.options.includes(key)) continue;
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${formatSettings[key].flag} does not apply to the format ${format.name}; leave it out`,
    );
  }
  return given;
}

function outputFiles(format: ExportFormat, output: string, junctions: number): string[] {
  if (format.name === 'c') return [output, output.replace(/c$/, 'h')];
  return Array.from({ length: junctions }, (_, j) => output.replaceAll('{junction}', String(j)));
}

/** Refuses to replace existing files without --force. The model itself is never replaced. */
async function refuseExisting(path: string, model: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  const { dev, ino } = await stat(model);
  if (there.dev === dev && there.ino === ino) {
    throw new SparseTrainError('INVALID_OPTION', `--out: ${path} is the model itself; choose another name`);
  }
  if (force) return;
  throw new SparseTrainError(
    'FILE_ACCESS',
    `--out: ${path} exists; choose another name, or --force to replace it`,
  );
}

async function outcome(format: ExportFormat, source: string, written: ExportFacts) {
  const { files: paths, ...facts } = written;
  const files = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  return {
    document: { from: source, format: format.name, files, ...facts },
    text: () => files.map(({ path, bytes: size }) => `${path} (${bytes(size)})${note(facts)}`).join('\n'),
  };
}

function note({ exact, form, input }: Omit<ExportFacts, 'files'>): string {
  const words = [
    ...(form === undefined ? [] : [`${form} form`]),
    ...(input === undefined ? [] : [`${input} inputs`]),
    ...(exact === undefined ? [] : [exact ? 'exact' : 'not exact: single precision']),
  ];
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}
