import { invalidOption, SparseTrainError } from '../../base/errors.js';
import { writeAtomically, writeFully } from '../../base/files/atomic-write.js';
import { checkOptions } from '../../base/options/table.js';
import { literal, say } from '../../base/wording.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import type { Network } from '../../training/network.js';
import { type RealInput, realInput, usualInput } from '../inputs.js';
import { type ExportInput, ONNX, type OnnxForm, type OnnxOptions } from '../options.js';
import { type NetworkSnapshot, takeSnapshot } from '../snapshot.js';
import { floatGraph } from './float.js';
import { Graph, type Value } from './graph.js';
import { hardwareGraph } from './hardware.js';
import { DATA_TYPE, modelFile, OPERATORS, QUANTISING_OPERATORS } from './schema.js';
import { wideGraph } from './wide.js';
import { qdqGraph } from './wide-qdq.js';

/** The result of the export. */
export interface OnnxExport {
  files: [file: string];
  form: OnnxForm;
  /** Whether decisions and scores equal predict()'s, bit for bit, in every runtime that follows the specification. */
  exact: boolean;
  input: ExportInput;
  digest: string;
}

/** Just below the size limit of protobuf messages, because the rest of the model needs space. */
const MAX_CONSTANT_BYTES = 2 ** 31 - 2 ** 20;

/**
 * Writes a network as an ONNX file: input `input` [rows, inputs], outputs `scores` (float32 [rows, outputs], as
 * predict()) and `decision` (int64 [rows], as classify()). Its metadata say which form it has and whether it is exact.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, NETWORK_TOO_LARGE, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeOnnx(network: Network, file: string, options: OnnxOptions): Promise<OnnxExport> {
  const wished = checkOptions('exportOnnx options', ONNX, options);
  const snapshot = takeSnapshot(network);
  const input = wished.input ?? usualInput(snapshot);
  const form = chosenForm(snapshot, wished.form);
  const graph = new Graph();
  const given: Value = { name: 'input', type: input };
  const real = realInput(snapshot, input);
  const { decision, scores, exact } = computation(graph, snapshot, given, real, form);
  graph.output(scores, 'scores');
  graph.output(decision, 'decision');
  if (graph.bytes > MAX_CONSTANT_BYTES) {
    throw new SparseTrainError(
      'NETWORK_TOO_LARGE',
      `as ONNX, whose matrices are dense, the network would have ${graph.bytes} bytes, but its files end at 2 GiB; ` +
        'export C or .npz, which hold edges only',
    );
  }
  const bytes = encode(graph, snapshot, input, { form, exact });
  await writeAtomically(file, (handle) => writeFully(handle, bytes));
  return { files: [file], form, exact, input, digest: snapshot.digest };
}

function computation(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: Value,
  real: RealInput | undefined,
  form: OnnxForm,
): { decision: Value; scores: Value; exact: boolean } {
  const { kind } = snapshot.arithmetic;
  if (kind === 'float') return { ...floatGraph(graph, snapshot, input, real), exact: false };
  if (kind === 'hardware') return { ...hardwareGraph(graph, snapshot, input, real), exact: true };
  if (form === 'qdq') return qdqGraph(graph, snapshot, input, real);
  return { ...wideGraph(graph, snapshot, input, real, form), exact: true };
}

function chosenForm({ arithmetic: { kind } }: NetworkSnapshot, wished: OnnxForm | undefined): OnnxForm {
  const only = { wide: undefined, hardware: 'integer', float: 'float' } as const;
  if (wished === undefined) return only[kind] ?? 'float';
  if (only[kind] !== undefined && wished !== only[kind]) {
    throw invalidOption('form', say`${literal(only[kind])} for a network of the ${kind} arithmetic`, wished);
  }
  return wished;
}

function encode(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: ExportInput,
  facts: { form: OnnxForm; exact: boolean },
): Uint8Array {
  const { layers, arithmetic, classes, digest } = snapshot;
  const metadata = {
    'sparse-train.form': facts.form,
    'sparse-train.exact': String(facts.exact),
    'sparse-train.arithmetic': JSON.stringify(arithmetic),
    'sparse-train.layers': JSON.stringify(layers),
    'sparse-train.digest': digest,
    ...(classes === undefined ? {} : { 'sparse-train.classes': JSON.stringify(classes) }),
  };
  const { node, initializer } = graph;
  const { version, irVersion } = facts.form === 'qdq' ? QUANTISING_OPERATORS : OPERATORS;
  return modelFile({
    irVersion,
    producerName: 'sparse-train',
    producerVersion: engineVersion(),
    docString: facts.exact
      ? 'Decisions and scores equal those of sparse-train bit for bit.'
      : 'Single precision: decisions and scores may differ from those of sparse-train in the last bits.',
    opsetImport: [{ domain: '', version }],
    graph: {
      name: 'sparse_train',
      node,
      initializer,
      input: [tensor('input', input, ['rows', layers[0] as number])],
      output: [
        tensor('scores', 'float32', ['rows', layers.at(-1) as number]),
        tensor('decision', 'int64', ['rows']),
      ],
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

function tensor(name: string, type: keyof typeof DATA_TYPE, dims: readonly (number | string)[]) {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } };
}
