import { createHash, type Hash } from 'node:crypto';
import { describeValue, SparseTrainError } from '../../base/errors.js';
import { optionName, say } from '../../base/wording.js';
import { CsrMatrix } from '../../data/csr.js';
import type { AnyDataset } from '../../data/dataset.js';
import { csvFeatureNames } from '../../formats/csv/schema.js';
import type { NetworkCore } from '../../network/core.js';
import { describeOptions } from '../../network/options.js';
import type { FitPlan } from '../fit-options.js';
import type { TrainingIdentity } from './checkpoint.js';

/** The data of a training. The examples of a stream are not known in advance. */
export interface TrainingData {
  readonly train: AnyDataset | undefined;
  readonly validation: AnyDataset | undefined;
}

/** Makes the identity of a training. Reads all of the data, for their digest. */
export function identityOf(core: NetworkCore, plan: FitPlan, data: TrainingData): TrainingIdentity {
  // Threads, callbacks and files do not change what is learned.
  const {
    validation,
    threads: _threads,
    signal: _signal,
    onProgress: _onProgress,
    onEpoch: _onEpoch,
    onCheckpoint: _onCheckpoint,
    log: _log,
    logContext: _logContext,
    checkpoint: _checkpoint,
    ...fit
  } = plan;
  return plain({
    network: describeOptions(core.options),
    fit: { ...fit, validation: typeof validation === 'number' ? validation : validation !== undefined },
    data: {
      train: data.train === undefined ? streamFacts(core) : factsOf(data.train),
      validation: factsOf(data.validation),
    },
  });
}

/** Returns the identity as JSON restores it. */
function plain(identity: object): TrainingIdentity {
  return JSON.parse(JSON.stringify(identity)) as TrainingIdentity;
}

/** The maximum number of column names to store, so that checkpoints of very wide data stay small. */
const MOST_NAMES = 1000;

/** What is known of a stream in advance: its columns, if it comes from a table. */
function streamFacts({ schema }: NetworkCore): object | string {
  return schema === undefined ? 'none' : { names: csvFeatureNames(schema).slice(0, MOST_NAMES) };
}

function factsOf(dataset: AnyDataset | undefined): object | string {
  if (dataset === undefined) return 'none';
  const { rows, features, inputs, targets, featureNames } = dataset;
  const hash = createHash('sha256');
  if (inputs instanceof CsrMatrix)
    for (const part of [inputs.indptr, inputs.indices, inputs.values]) add(hash, part);
  else add(hash, inputs.data);
  add(hash, targets.kind === 'classes' ? targets.labels : targets.data);
  if (dataset.weights !== undefined) add(hash, dataset.weights);
  const names = featureNames?.slice(0, MOST_NAMES);
  return { rows, features, names, kind: targets.kind, sha256: hash.digest('hex') };
}

function add(hash: Hash, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  hash.update(new Uint8Array(buffer, byteOffset, byteLength));
}

/**
 * Refuses the checkpoint of another training.
 *
 * @throws SparseTrainError INVALID_OPTION (options differ), INVALID_DATA (the data do)
 */
export function checkSame(file: string, held: TrainingIdentity, here: TrainingIdentity): void {
  for (const part of ['network', 'fit', 'data'] as const) {
    const names = new Set([...Object.keys(held[part]), ...Object.keys(here[part])]);
    for (const name of names) {
      const [before, now] = [held[part][name], here[part][name]];
      if (JSON.stringify(before) === JSON.stringify(now)) continue;
      if (part === 'data') {
        const which = name === 'train' ? 'the training data are' : 'the validation data are';
        const renamed = firstRenamed(held[part][name], here[part][name]);
        const message = `${which} not those of the training in the checkpoint ${file}${renamed}; give the same data to resume it`;
        throw new SparseTrainError('INVALID_DATA', message);
      }
      const { path, a, b } = difference(name, before, now);
      throw new SparseTrainError('INVALID_OPTION', {
        option: path,
        says: say`${optionName(path)}${part === 'network' ? ' of the network' : ''} is ${shown(b)}, but ${shown(a)} in the training of the checkpoint ${file}`,
        advice: 'give the same to resume it, or another checkpoint to begin anew',
      });
    }
  }
}

/** Says which column has another name: ` (input 2 was "age" and is "Age")`. */
function firstRenamed(held: unknown, here: unknown): string {
  const [before, now] = [held, here].map((facts) => (facts as { names?: unknown } | undefined)?.names);
  if (!Array.isArray(before) || !Array.isArray(now)) return '';
  const i = before.findIndex((name, at) => name !== now[at]);
  return i === -1 || now[i] === undefined
    ? ''
    : ` (input ${i + 1} was ${describeValue(before[i])} and is ${describeValue(now[i])})`;
}

/** The innermost option in which two values differ: `arithmetic.weightBits`. */
function difference(path: string, a: unknown, b: unknown): { path: string; a: unknown; b: unknown } {
  if (!isRecord(a) || !isRecord(b)) return { path, a, b };
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
    if (JSON.stringify(a[name]) !== JSON.stringify(b[name]))
      return difference(`${path}.${name}`, a[name], b[name]);
  return { path, a, b };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) return 'not given';
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}
