import { type InputSink, SparseInputs } from '../data/input-rows.js';
import { type GapRules, RecordEncoder } from './csv/encode.js';
import { trainingLayout } from './csv/layout.js';
import type { CsvOptions } from './csv/options.js';
import type { Records } from './csv/records.js';
import type { CsvSchema } from './csv/schema.js';
import type { DataExample, TableStream } from './format.js';
import { ValueRecords, type ValueTable } from './table/value-records.js';

/** Text to add to messages about streams. */
export const FROM_FIRST = '; the columns were inferred from the first rows';

/** Which rows of a stream are left out. */
export function leftOut({ onMissing, onUnknown }: Pick<CsvOptions, 'onMissing' | 'onUnknown'>): GapRules {
  return { onMissing: onMissing ?? 'impute', onUnknown: onUnknown ?? 'other' };
}

/** Examples whose inputs share memory. */
const SHARED = 256;

/** The remaining rows of a table as examples, one by one. */
export class ExampleRows {
  /** Records left out so far. */
  skipped = 0;
  readonly #encoder: RecordEncoder;
  readonly #records: Records;

  constructor(encoder: RecordEncoder, records: Records) {
    this.#encoder = encoder;
    this.#records = records;
  }

  /** @throws SparseTrainError INVALID_FILE, INVALID_DATA at the first record that is wrong */
  *examples(): Generator<DataExample, void, void> {
    const encoder = this.#encoder;
    const { target, labels } = encoder;
    const isClass = labels.length === 1 && labels[0]?.kind === 'class';
    const example = (input: DataExample['input']): DataExample => {
      const [first = 0] = target;
      if (isClass) return { input, label: first };
      return { input, target: labels.length === 1 ? first : target.slice() };
    };
    const row = new SparseInputs();
    let full: SharedRows | undefined;
    while (this.#records.next()) {
      let isUsed: boolean;
      if (encoder.isSparse) {
        row.clear();
        isUsed = encoder.encode(row);
      } else {
        if (full === undefined || full.isFull) full = new SharedRows(encoder.width);
        isUsed = encoder.encode(full);
      }
      if (encoder.hasProblems) encoder.throwProblems();
      if (!isUsed) {
        full?.drop();
        this.skipped++;
        continue;
      }
      if (full !== undefined) yield example(full.take());
      else {
        const { indices, values } = row.row();
        yield example({ indices: indices.slice(), values: values.slice() });
      }
    }
  }
}

/** Full rows whose inputs share memory. */
class SharedRows implements InputSink {
  readonly #data: Float64Array;
  readonly #width: number;
  #start = 0;

  constructor(width: number) {
    this.#width = width;
    this.#data = new Float64Array(SHARED * width);
  }

  get isFull(): boolean {
    return this.#start === this.#data.length;
  }

  put(input: number, value: number): void {
    this.#data[this.#start + input] = value;
  }

  /** The inputs put since the last row was taken. */
  take(): Float64Array {
    const start = this.#start;
    this.#start += this.#width;
    return this.#data.subarray(start, this.#start);
  }

  drop(): void {
    this.#data.fill(0, this.#start, this.#start + this.#width);
  }
}

/** The rows of one part of a table of values as examples. */
export function codedRows(
  table: ValueTable,
  name: string,
  schema: CsvSchema,
  options: Pick<CsvOptions, 'onMissing' | 'onUnknown'>,
): ExampleRows {
  const records = new ValueRecords(table, name);
  const coding = { decimal: '.', ...leftOut(options), advice: FROM_FIRST, canSkip: true } as const;
  return new ExampleRows(new RecordEncoder(records, name, schema, trainingLayout(schema), coding), records);
}

/**
 * Converts rows that arrive in parts to a stream of examples. A part is requested when all examples of the
 * previous one have been taken; stopping early ends `parts`.
 */
export function streamOfParts(
  found: Pick<TableStream, 'schema' | 'sample' | 'remarks'>,
  parts: () => AsyncIterable<ExampleRows>,
): TableStream {
  let skipped = 0;
  return {
    ...found,
    get skipped() {
      return skipped;
    },
    async *examples() {
      for await (const rows of parts()) {
        for (const example of rows.examples()) yield example;
        skipped += rows.skipped;
      }
    },
  };
}
