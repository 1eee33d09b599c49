import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import { joined, optionName, say, type Wording } from '../../base/wording.js';
import { type InputArray, Matrix } from '../../data/matrix.js';
import type { Targets } from '../../data/targets.js';
import type { CsvLayout } from './layout.js';
import { CsvProblems, quoted } from './problems.js';
import type { Records } from './records.js';
import {
  CategoryIndex,
  type CsvColumn,
  type CsvSchema,
  describeColumn,
  inputWidth,
  labelColumn,
  MissingValues,
} from './schema.js';

/** Rows of a file as numbers. */
export interface EncodedCsv {
  readonly inputs: Matrix;
  /** Undefined if the file has no labels. */
  readonly targets: Targets | undefined;
  /** Rows left out because of missing or unknown values. */
  readonly skipped: number;
}

/** How {@link encodeCsv} works. */
export interface EncodeOptions {
  /** The most rows in the result. */
  readonly rows: number;
  readonly decimal: '.' | ',';
  /** Whether rows with missing values are left out; otherwise they are errors. */
  readonly skipMissing: boolean;
  /** Whether rows with values that the schema does not know are left out; otherwise they are errors. */
  readonly skipUnknown?: boolean;
  /** Whether 32-bit floats represent all numbers exactly. */
  readonly float32: boolean;
  /** A text to add to messages, for example about how the first line was understood. */
  readonly advice: Wording;
  /** Whether the caller has the options onMissing and onUnknown, which messages then propose. */
  readonly canSkip?: boolean;
}

/** The number of fields and inputs that one step handles. */
const STEP_FIELDS = 8192;

/** Marks for fields that are ignored, and for fields that need more than being copied as a number. */
const UNUSED = -1;
const OTHER = -2;

/** How one column is converted to numbers. */
interface Encoder {
  readonly described: string;
  readonly kind: CsvColumn['kind'];
  /** The index of the column's first input. */
  readonly at: number;
  readonly index: CategoryIndex | undefined;
}

/**
 * Converts the records of a file to inputs and targets.
 *
 * @param records - before the first record, or after the header
 * @throws SparseTrainError INVALID_FILE for ragged lines, INVALID_DATA for fields that are missing, no numbers or
 * unknown categories, the first five by line and column; INVALID_DATA if no row is left, or if it all needs too much memory
 */
export function* encodeCsv(
  records: Records,
  name: string,
  schema: CsvSchema,
  layout: CsvLayout,
  options: EncodeOptions,
): Steps<EncodedCsv> {
  const encoder = new RecordEncoder(records, name, schema, layout, options);
  const { width, label } = encoder;
  const data = allocate(options.rows, width, options.float32, name);
  const labels = new Int32Array(layout.hasLabel && label.kind === 'class' ? options.rows : 0);
  const values = new Float64Array(layout.hasLabel && label.kind === 'value' ? options.rows : 0);
  let row = 0;
  let encoded = 0;
  let skipped = 0;
  while (records.next()) {
    encoded += records.count + width;
    if (encoded >= STEP_FIELDS) {
      encoded = 0;
      yield;
    }
    if (!encoder.encode(data, row * width)) {
      skipped++;
      continue;
    }
    if (label.kind === 'class') labels[row] = encoder.labelValue;
    else values[row] = encoder.labelValue;
    row++;
  }
  encoder.throwProblems();
  if (row === 0) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: each of its ${skipped} rows has a missing value, or one that the training data did not have`,
    );
  }
  return {
    inputs: new Matrix(data.subarray(0, row * width) as InputArray, width),
    targets: makeTargets(layout, label, labels.subarray(0, row), values.subarray(0, row)),
    skipped,
  };
}

/** Converts records to inputs and labels one by one, and collects the problems in them. */
export class RecordEncoder {
  /** Inputs per record. */
  readonly width: number;
  /** The label's column. */
  readonly label: CsvColumn;
  /** The class of the last record, or the number to predict; 0 if there are no labels. */
  labelValue = 0;

  readonly #records: Records;
  readonly #options: Omit<EncodeOptions, 'rows' | 'float32'>;
  readonly #encoders: readonly (Encoder | undefined)[];
  /** For each field, the input to which its number is copied; OTHER if the field needs more work. */
  readonly #plain: Int32Array;
  readonly #marks: MissingValues;
  readonly #ragged: CsvProblems;
  readonly #wrong: CsvProblems;
  /** The options that would leave out the rows with problems. */
  readonly #remedies = new Set<'onMissing' | 'onUnknown'>();

  /** @param name - the name of the file in messages */
  constructor(
    records: Records,
    name: string,
    schema: CsvSchema,
    layout: CsvLayout,
    options: Omit<EncodeOptions, 'rows' | 'float32'>,
  ) {
    this.width = schema.columns.reduce((sum, column) => sum + inputWidth(column), 0);
    this.label = labelColumn(schema);
    this.#records = records;
    this.#options = options;
    this.#encoders = makeEncoders(schema, layout, options.decimal);
    this.#marks = new MissingValues(schema.missing);
    const { haveNumbers } = this.#marks;
    this.#plain = Int32Array.from(this.#encoders, (encoder) => {
      if (encoder === undefined) return UNUSED;
      return encoder.kind === 'number' && !haveNumbers ? encoder.at : OTHER;
    });
    this.#ragged = new CsvProblems(name, records.unit);
    this.#wrong = new CsvProblems(name, records.unit);
  }

  /**
   * Encodes the current record into an array of zeros, from index `start` on.
   *
   * @returns whether it counts; if not, the zeros are zeros again
   */
  encode(data: InputArray, start: number): boolean {
    const records = this.#records;
    const encoders = this.#encoders;
    const { line, count } = records;
    if (count !== encoders.length) {
      this.#ragged.add(line, `${count} field${count === 1 ? '' : 's'}`);
      return false;
    }
    const { skipMissing, skipUnknown = false } = this.#options;
    const { block, at } = records;
    const plain = this.#plain;
    let isSkipped = false;
    for (let i = 0; i < count; i++) {
      const place = plain[i] as number;
      if (place === UNUSED) continue;
      if (block !== undefined && place !== OTHER) {
        const x = block[at + i] as number;
        if (!Number.isNaN(x)) {
          data[start + place] = x;
          continue;
        }
      }
      const { kind, index, described, at: input } = encoders[i] as Encoder;
      const number = records.number(i);
      const isNumber = !Number.isNaN(number);
      const text = isNumber && index === undefined ? '' : records.text(i);
      if (isNumber ? this.#marks.hasNumber(number) : this.#marks.hasText(text)) {
        if (skipMissing) isSkipped = true;
        else this.#refuse('onMissing', line, `${described} is missing`);
      } else if (index !== undefined) {
        const category = index.find(number, text);
        if (category === -1) {
          if (skipUnknown) isSkipped = true;
          else this.#refuse('onUnknown', line, () => `${described}: ${index.describeUnknown(text)}`);
        } else if (kind === 'class') this.labelValue = category;
        else data[start + input + category] = 1;
      } else if (!isNumber) {
        if (skipUnknown) isSkipped = true;
        else this.#refuse('onUnknown', line, () => `${described}: ${quoted(text)} is not a number`);
      } else if (kind === 'value') this.labelValue = number;
      else data[start + input] = number;
    }
    if (!isSkipped) return true;
    data.fill(0, start, start + this.width);
    return false;
  }

  #refuse(remedy: 'onMissing' | 'onUnknown', line: number, what: string | (() => string)): void {
    this.#remedies.add(remedy);
    this.#wrong.add(line, what);
  }

  /** Whether a record had a problem. */
  get hasProblems(): boolean {
    return !this.#ragged.isEmpty || !this.#wrong.isEmpty;
  }

  /** @throws SparseTrainError INVALID_FILE, INVALID_DATA if there were problems */
  throwProblems(): void {
    const { unit } = this.#records;
    this.#ragged.throwIfAny(
      'INVALID_FILE',
      `Each ${unit} needs ${this.#encoders.length} fields, as the first has`,
    );
    this.#wrong.throwIfAny(
      'INVALID_DATA',
      say`Each row needs all of its inputs as the model was trained with${this.#options.advice}${this.#skipping()}`,
    );
  }

  #skipping(): Wording {
    if (this.#options.canSkip !== true) return '';
    const options = [...this.#remedies].sort().map((name) => optionName(name, 'skip'));
    return say`; leave such rows out with ${joined(options, ' and ')}`;
  }
}

function makeEncoders(schema: CsvSchema, layout: CsvLayout, decimal: '.' | ','): (Encoder | undefined)[] {
  const starts: number[] = [];
  let at = 0;
  for (const column of schema.columns) {
    starts.push(at);
    at += inputWidth(column);
  }
  return Array.from(layout.columns, (columnIndex, place) => {
    const column = schema.columns[columnIndex];
    if (column === undefined) return undefined;
    return {
      described: describeColumn({ header: layout.header && schema.header }, place, column.name),
      kind: column.kind,
      at: starts[columnIndex] as number,
      index: 'categories' in column ? new CategoryIndex(column.categories, decimal) : undefined,
    };
  });
}

function makeTargets(
  layout: CsvLayout,
  label: CsvColumn,
  labels: Int32Array,
  values: Float64Array,
): Targets | undefined {
  if (!layout.hasLabel) return undefined;
  return label.kind === 'class'
    ? { kind: 'classes', labels, classes: label.categories.values }
    : { kind: 'values', data: values, names: [label.name] };
}

function allocate(rows: number, width: number, float32: boolean, name: string): InputArray {
  try {
    return float32 ? new Float32Array(rows * width) : new Float64Array(rows * width);
  } catch (error) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: ${rows} rows of ${width} inputs (categories count one each) do not fit into memory`,
      { cause: error },
    );
  }
}
