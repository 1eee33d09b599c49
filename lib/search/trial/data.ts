import { createHash } from 'node:crypto';
import { invalidOption } from '../../base/errors.js';
import { loadDataset } from '../../catalog/registry.js';
import { Dataset } from '../../data/dataset.js';
import { padDataset } from '../../data/padding.js';
import type { Targets } from '../../data/targets.js';
import type { DataSpec } from './task.js';

/** The parts of a study's data, in some form. */
interface Parts<D> {
  readonly train: D;
  /** Measured after every epoch. */
  readonly validation: D;
  /** Measured at the end; undefined if the test part already is the validation part. */
  readonly test: D | undefined;
  /** SHA-256 of the whole data set. */
  readonly checksum: string;
}

/** The data that a study's trials learn from and are measured on. */
export type TrialData = Parts<Dataset>;

/** The seed of the split: every trial and every study sets the same rows aside. */
const SPLIT_SEED = 1;

/**
 * Loads a study's data.
 *
 * @throws SparseTrainError as loadDataset(); INVALID_OPTION for more rows than there are
 */
export async function loadTrialData({ name, directory, rows, validation }: DataSpec): Promise<TrialData> {
  const { train, test } = await loadDataset(name, directory === undefined ? {} : { directory });
  if (rows !== undefined && rows > train.rows)
    throw invalidOption('data.rows', `at most ${train.rows}, which ${name} has`, rows);
  const checksum = datasetChecksum(train, test);
  const used = rows === undefined ? train : train.slice(0, rows);
  if (validation === 'test') return { train: used, validation: test, test: undefined, checksum };
  const [kept, aside] = used.split(validation, SPLIT_SEED);
  return { train: kept, validation: aside, test, checksum };
}

/** SHA-256 over the inputs and targets of data sets, in this order. */
export function datasetChecksum(...datasets: readonly Dataset[]): string {
  const hash = createHash('sha256');
  for (const { inputs, targets, rows } of datasets) {
    const values = targets.kind === 'classes' ? targets.labels : targets.data;
    hash.update(`${rows} x ${inputs.columns} ${inputs.data.constructor.name} ${targets.kind}\n`);
    for (const { buffer, byteOffset, byteLength } of [inputs.data, values])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** Data that are padded, once per size, where a network has more inputs than the data. */
export class PaddedData {
  readonly #data: TrialData;
  readonly #padded = new Map<number, TrialData>();

  constructor(data: TrialData) {
    this.#data = data;
  }

  /** @param inputs - neurons of the network's first layer; undefined for the data's own number of columns */
  for(inputs: number | undefined): TrialData {
    const data = this.#data;
    if (inputs === undefined || inputs <= data.train.features) return data;
    let padded = this.#padded.get(inputs);
    if (padded === undefined) {
      padded = mapParts(data, (part) => padDataset(part, inputs));
      this.#padded.set(inputs, padded);
    }
    return padded;
  }
}

/** A data set in shared memory, which postMessage() does not copy. */
interface SharedDataset {
  readonly inputs: Dataset['inputs']['data'];
  readonly columns: number;
  readonly targets: Targets;
}

/** {@link TrialData} in shared memory. */
export type SharedTrialData = Parts<SharedDataset>;

/** Copies data into shared memory, once, so that a machine with many cores holds it once. */
export function shareData(data: TrialData): SharedTrialData {
  return mapParts(data, share);
}

/** Restores the data on another thread. */
export function openShared(data: SharedTrialData): TrialData {
  return mapParts(data, open);
}

function mapParts<A, B>({ train, validation, test, checksum }: Parts<A>, convert: (part: A) => B): Parts<B> {
  return {
    train: convert(train),
    validation: convert(validation),
    test: test === undefined ? undefined : convert(test),
    checksum,
  };
}

function share({ inputs, targets }: Dataset): SharedDataset {
  return {
    inputs: shared(inputs.data),
    columns: inputs.columns,
    targets:
      targets.kind === 'classes'
        ? { ...targets, labels: shared(targets.labels) }
        : targets.kind === 'values'
          ? { ...targets, data: shared(targets.data) }
          : { ...targets, data: shared(targets.data) },
  };
}

function shared<T extends Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array>(array: T): T {
  const make = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new make(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

function open({ inputs, columns, targets }: SharedDataset): Dataset {
  switch (targets.kind) {
    case 'classes':
      return Dataset.from({ inputs, columns, labels: targets.labels, classes: targets.classes });
    case 'multilabel':
      return Dataset.from({ inputs, columns, multilabel: targets.data, targetNames: targets.names });
    case 'values':
      return Dataset.from({ inputs, columns, values: targets.data, targetNames: targets.names });
  }
}
