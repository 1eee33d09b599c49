import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { invalidOption, SparseTrainError } from '../../base/errors.js';
import { counted } from '../../base/numbers.js';
import { render } from '../../base/wording.js';
import { loadDataset } from '../../catalog/registry.js';
import { CsrMatrix } from '../../data/csr.js';
import { type AnyDataset, Dataset } from '../../data/dataset.js';
import { type InputArray, Matrix } from '../../data/matrix.js';
import { padDataset } from '../../data/padding.js';
import type { Targets } from '../../data/targets.js';
import { CSV_APPLY } from '../../formats/csv/options.js';
import type { Table } from '../../formats/format.js';
import { applyToSource, type ReadTableOptions, readTable } from '../../formats/read.js';
import { sourceAt } from '../../formats/source.js';
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
export interface TrialData extends Parts<AnyDataset> {
  /** Decisions about columns and rows that the user may not expect, one sentence each. */
  readonly remarks: readonly string[];
}

/** The seed of the split: every trial and every study sets the same rows aside. */
const SPLIT_SEED = 1;

/**
 * Loads a study's data.
 *
 * @throws SparseTrainError as loadDataset() and readTable(); INVALID_OPTION for more rows than there are, or for test rows
 * where there are none; INVALID_DATA for a file to test on without labels
 */
export async function loadTrialData(spec: DataSpec): Promise<TrialData> {
  const { rows, validation } = spec;
  const { train, test, remarks } = await loadSource(spec);
  if (rows !== undefined && rows > train.rows)
    throw invalidOption('data.rows', `at most ${train.rows}, which ${dataName(spec)} has`, rows);
  const checksum = datasetChecksum(train, ...(test === undefined ? [] : [test]));
  const used = rows === undefined ? train : train.slice(0, rows);
  if (validation === 'test') {
    if (test === undefined)
      throw invalidOption(
        'data.validation',
        `a share such as 0.2, as ${dataName(spec)} has no test part`,
        validation,
      );
    return { train: used, validation: test, test: undefined, checksum, remarks };
  }
  const [kept, aside] = used.split(validation, SPLIT_SEED);
  return { train: kept, validation: aside, test, checksum, remarks };
}

/** The data of a study in messages: `the data set mnist`, or `the file houses.csv`. */
export function dataName({ name, file }: Pick<DataSpec, 'name' | 'file'>): string {
  return file === undefined ? `the data set ${name}` : `the file ${file}`;
}

interface Source {
  readonly train: AnyDataset;
  readonly test: AnyDataset | undefined;
  readonly remarks: readonly string[];
}

async function loadSource({ rows: _rows, validation: _validation, ...source }: DataSpec): Promise<Source> {
  const { name, file, test: testFile, directory, ...columns } = source;
  if (file === undefined) {
    const folder = directory === undefined ? {} : { directory };
    return { ...(await loadDataset(name as string, folder)), remarks: [] };
  }
  const table = await readTable(resolve(directory ?? '.', file), columns);
  const remarks = remarksOn(table, file);
  if (testFile === undefined) return { train: table.train, test: table.test, remarks };
  if (table.test !== undefined)
    throw new SparseTrainError(
      'INVALID_OPTION',
      `data.test is given, but ${file} has test rows of its own; leave it out`,
    );
  const tested = await testRows(resolve(directory ?? '.', testFile), table, columns);
  return { train: table.train, test: tested.test, remarks: [...remarks, ...tested.remarks] };
}

/** Reads the rows to test on as the training rows were read. */
async function testRows(
  file: string,
  { train, schema }: Table,
  columns: ReadTableOptions,
): Promise<Pick<Source, 'remarks'> & { test: AnyDataset }> {
  const { targets } = train;
  const classes = targets.kind === 'classes' ? targets.classes : undefined;
  const { format, ...others } = columns;
  const given = Object.entries(others).filter(([name]) => Object.hasOwn(CSV_APPLY, name));
  const { dataset, skipped, remarks } = await applyToSource(
    await sourceAt(file),
    { schema, classes },
    { ...Object.fromEntries(given), labels: 'require' },
    format,
  );
  if (dataset === undefined) throw new SparseTrainError('INVALID_DATA', `${file} has no labels`);
  return { test: dataset, remarks: remarksOn({ skipped, remarks }, file) };
}

function remarksOn({ skipped, remarks }: Pick<Table, 'skipped' | 'remarks'>, file: string): string[] {
  const texts = remarks.map((remark) => render(remark));
  if (skipped > 0) texts.push(`${file}: left out ${counted(skipped, 'row')} with missing or unknown values`);
  return texts;
}

/** SHA-256 over the inputs and targets of data sets, in this order. */
export function datasetChecksum(...datasets: readonly AnyDataset[]): string {
  const hash = createHash('sha256');
  for (const { inputs, targets, rows } of datasets) {
    const values = targets.kind === 'classes' ? targets.labels : targets.data;
    const numbers = inputs instanceof CsrMatrix ? inputs.values : inputs.data;
    const places = inputs instanceof CsrMatrix ? [inputs.indptr, inputs.indices] : [];
    const form = inputs instanceof CsrMatrix ? 'sparse ' : '';
    hash.update(`${rows} x ${inputs.columns} ${form}${numbers.constructor.name} ${targets.kind}\n`);
    for (const { buffer, byteOffset, byteLength } of [...places, numbers, values])
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
      padded = { ...data, ...mapParts(data, (part) => padDataset(part, inputs)) };
      this.#padded.set(inputs, padded);
    }
    return padded;
  }
}

/** A data set in shared memory, which postMessage() does not copy. */
interface SharedDataset {
  readonly columns: number;
  readonly inputs: InputArray | { readonly [K in 'indptr' | 'indices' | 'values']: CsrMatrix[K] };
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
  return { ...mapParts(data, open), remarks: [] };
}

function mapParts<A, B>({ train, validation, test, checksum }: Parts<A>, convert: (part: A) => B): Parts<B> {
  return {
    train: convert(train),
    validation: convert(validation),
    test: test === undefined ? undefined : convert(test),
    checksum,
  };
}

function share({ inputs, targets }: AnyDataset): SharedDataset {
  return {
    columns: inputs.columns,
    inputs:
      inputs instanceof CsrMatrix
        ? { indptr: shared(inputs.indptr), indices: shared(inputs.indices), values: shared(inputs.values) }
        : shared(inputs.data),
    targets:
      targets.kind === 'classes'
        ? { ...targets, labels: shared(targets.labels) }
        : targets.kind === 'values'
          ? { ...targets, data: shared(targets.data) }
          : { ...targets, data: shared(targets.data) },
  };
}

function shared<T extends InputArray | Int32Array | Uint32Array>(array: T): T {
  const make = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new make(new SharedArrayBuffer(array.byteLength));
  copy.set(array as never);
  return copy;
}

function open({ inputs: given, columns, targets }: SharedDataset): AnyDataset {
  const inputs = 'indptr' in given ? new CsrMatrix({ ...given, columns }) : new Matrix(given, columns);
  switch (targets.kind) {
    case 'classes':
      return Dataset.from({ inputs, labels: targets.labels, classes: targets.classes });
    case 'multilabel':
      return Dataset.from({ inputs, multilabel: targets.data, targetNames: targets.names });
    case 'values':
      return Dataset.from({ inputs, values: targets.data, targetNames: targets.names });
  }
}
