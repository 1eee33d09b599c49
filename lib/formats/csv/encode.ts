import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import { joined, optionName, say, type Wording } from '../../base/wording.js';
import type { InputMatrix } from '../../data/csr.js';
import { FullRows, type InputSink, type RowGatherer, SparseRowGatherer } from '../../data/input-rows.js';
import type { Targets } from '../../data/targets.js';
import { type Coded, type InputCoder, inputCoder } from './input-coder.js';
import { type LabelColumn, labelColumns, labelOutputs, targetsOf } from './labels.js';
import type { CsvLayout } from './layout.js';
import { CsvProblems, quoted } from './problems.js';
import type { Records } from './records.js';
import {
  CategoryIndex,
  type CsvColumn,
  type CsvSchema,
  describeColumn,
  inputWidth,
  isInput,
  isSparseSchema,
  MissingValues,
  schemaWidth,
} from './schema.js';

/** Rows of a file as numbers. */
export interface EncodedCsv {
  /** Full rows, or sparse ones if the schema has many inputs of which few are used. */
  readonly inputs: InputMatrix;
  /** Undefined if the file has no labels. */
  readonly targets: Targets | undefined;
  /** The weights of the rows; undefined if there is no column of weights, or it is not used. */
  readonly weights: Float64Array | undefined;
  /** Rows left out because of missing or unknown values. */
  readonly skipped: number;
  /** What was filled in, by column. */
  readonly gaps: Gaps;
}

/** How often something was not known about the values of a column. */
export interface Gaps {
  /** Names of columns with missing values that were filled in, and how many. */
  readonly missing: ReadonlyMap<string, number>;
  /** Names of columns with categories that the training data did not have, and how many. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** What to do about values that are missing or not known. */
export interface GapRules {
  /** `impute` fills in the median, or the level of missing values; a row without its label is left out. */
  readonly onMissing: 'impute' | 'skip' | 'error';
  /** `other` codes a category that the training data did not have as none of its categories. */
  readonly onUnknown: 'other' | 'skip' | 'error';
}

/** How {@link encodeCsv} works. */
export interface EncodeOptions extends GapRules {
  /** The most rows in the result. */
  readonly rows: number;
  readonly decimal: '.' | ',';
  /** Whether the schema is being made: missing numbers become NaN. */
  readonly isFitting?: boolean;
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

/** How one field is converted to numbers. */
interface Encoder {
  readonly described: string;
  readonly name: string;
  readonly kind: CsvColumn['kind'];
  /** The index of the column's first input; of a label, of its first output. */
  readonly at: number;
  /** Undefined for the label. */
  readonly coder: InputCoder | undefined;
  /** The classes of the label. */
  readonly index: CategoryIndex | undefined;
  missing: number;
  unknown: number;
}

/**
 * Converts the records of a file to inputs and targets.
 *
 * @param records - before the first record, or after the header
 * @throws SparseTrainError INVALID_FILE for ragged lines, INVALID_DATA for fields that are missing, no numbers or
 * unknown categories, the first five by line and column, unless the options fill them in or leave the rows out;
 * INVALID_DATA if no row is left, or if it all needs too much memory
 */
export function* encodeCsv(
  records: Records,
  name: string,
  schema: CsvSchema,
  layout: CsvLayout,
  options: EncodeOptions,
): Steps<EncodedCsv> {
  const encoder = new RecordEncoder(records, name, schema, layout, options);
  const { width, target } = encoder;
  const rows: RowGatherer = isSparseSchema(schema)
    ? new SparseRowGatherer(width, options.float32)
    : new FullRows(options.rows, width, options.float32, name);
  const targets = new Float64Array(layout.hasLabel ? options.rows * target.length : 0);
  const weights = new Float64Array(encoder.hasWeights ? options.rows : 0);
  let encoded = 0;
  let skipped = 0;
  while (records.next()) {
    encoded += records.count + width;
    if (encoded >= STEP_FIELDS) {
      encoded = 0;
      yield;
    }
    if (!encoder.encode(rows)) {
      rows.drop();
      skipped++;
      continue;
    }
    if (layout.hasLabel) targets.set(target, rows.rows * target.length);
    if (encoder.hasWeights) weights[rows.rows] = encoder.weight;
    rows.end();
  }
  encoder.throwProblems();
  if (rows.rows === 0)
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: each of its ${skipped} rows has a missing value, or one that the training data did not have`,
    );
  const { rows: count } = rows;
  return {
    inputs: rows.matrix(),
    targets: layout.hasLabel
      ? targetsOf(encoder.labels, targets.subarray(0, count * target.length))
      : undefined,
    weights: encoder.hasWeights ? weights.subarray(0, count) : undefined,
    skipped,
    gaps: encoder.gaps,
  };
}

/** Converts records to inputs and labels one by one, and collects the problems in them. */
export class RecordEncoder {
  /** Inputs per record. */
  readonly width: number;
  /** Whether most inputs of a record are 0. */
  readonly isSparse: boolean;
  /** The columns of the labels. */
  readonly labels: readonly LabelColumn[];
  /** The targets of the last record, as {@link labelOutputs} describes them; zeros if there are no labels. */
  readonly target: Float64Array;
  /** The weight of the last record; 1 if there are no weights. */
  weight = 1;
  /** Whether a column of weights is read. */
  readonly hasWeights: boolean;

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
    this.width = schemaWidth(schema);
    this.isSparse = isSparseSchema(schema);
    this.labels = labelColumns(schema);
    this.target = new Float64Array(labelOutputs(schema).at(-1)?.to ?? 0);
    this.#records = records;
    this.#options = options;
    const { decimal, isFitting = false } = options;
    this.#encoders = makeEncoders(schema, layout, { decimal, isFitting });
    this.hasWeights = this.#encoders.some((encoder) => encoder?.kind === 'weight');
    this.#marks = new MissingValues(schema.missing);
    const { haveNumbers } = this.#marks;
    this.#plain = Int32Array.from(layout.columns, (columnIndex, place) => {
      const encoder = this.#encoders[place];
      if (encoder === undefined) return UNUSED;
      const column = schema.columns[columnIndex] as CsvColumn;
      const isCopied = column.kind === 'number' && (isFitting || column.bend === undefined);
      return isCopied && !haveNumbers ? encoder.at : OTHER;
    });
    this.#ragged = new CsvProblems(name, records.unit);
    this.#wrong = new CsvProblems(name, records.unit);
  }

  /** What was filled in so far. */
  get gaps(): Gaps {
    const counts = (what: 'missing' | 'unknown') =>
      new Map(
        this.#encoders.flatMap((encoder): [string, number][] =>
          encoder === undefined || encoder[what] === 0 ? [] : [[encoder.name, encoder[what]]],
        ),
      );
    return { missing: counts('missing'), unknown: counts('unknown') };
  }

  /**
   * Encodes the current record.
   *
   * @returns whether it counts; if not, the caller drops what it has put into the sink
   */
  encode(sink: InputSink): boolean {
    const records = this.#records;
    const encoders = this.#encoders;
    const { line, count } = records;
    if (count !== encoders.length) {
      this.#ragged.add(line, `${count} field${count === 1 ? '' : 's'}`);
      return false;
    }
    const { block, at } = records;
    const plain = this.#plain;
    this.target.fill(0);
    let isSkipped = false;
    for (let i = 0; i < count; i++) {
      const place = plain[i] as number;
      if (place === UNUSED) continue;
      if (block !== undefined && place !== OTHER) {
        const x = block[at + i] as number;
        if (!Number.isNaN(x)) {
          sink.put(place, x);
          continue;
        }
      }
      if (!this.#field(encoders[i] as Encoder, i, sink)) isSkipped = true;
    }
    return !isSkipped;
  }

  /** Encodes a field; returns false if the record is to be left out. */
  #field(encoder: Encoder, i: number, sink: InputSink): boolean {
    const { coder, index, described } = encoder;
    const { onMissing, onUnknown } = this.#options;
    const records = this.#records;
    const number = records.number(i);
    const isNumber = !Number.isNaN(number);
    const needsText = coder === undefined ? index !== undefined : coder.needsText;
    const text = isNumber && !needsText ? '' : records.text(i);
    if (isNumber ? this.#marks.hasNumber(number) : this.#marks.hasText(text)) {
      if (onMissing === 'error' || coder?.fills === false) {
        this.#refuse('onMissing', `${described} is missing`);
        return true;
      }
      if (onMissing === 'skip' || coder === undefined) return false;
      coder.codeMissing(sink);
      encoder.missing++;
      return true;
    }
    const coded = coder === undefined ? this.#label(encoder, number, text) : coder.code(number, text, sink);
    if (coded === 'known') return true;
    if (onUnknown === 'skip') return false;
    if (coded === 'unknown' && onUnknown === 'other' && coder !== undefined) {
      encoder.unknown++;
      return true;
    }
    this.#refuse('onUnknown', () => {
      const what =
        coded === 'unknown'
          ? (coder ?? (index as CategoryIndex)).describeUnknown(text)
          : `${quoted(text === '' ? String(number) : text)} is not a ${coder?.holds ?? 'number'}`;
      return `${described}: ${what}`;
    });
    return true;
  }

  #refuse(remedy: 'onMissing' | 'onUnknown', what: string | (() => string)): void {
    this.#remedies.add(remedy);
    this.#wrong.add(this.#records.line, what);
  }

  #label({ index, kind, at }: Encoder, number: number, text: string): Coded {
    if (index === undefined) {
      if (Number.isNaN(number)) return 'wrong';
      if (kind === 'weight') this.weight = number;
      else this.target[at] = number;
      return 'known';
    }
    const category = index.find(number, text);
    if (category === -1) return 'unknown';
    if (this.labels.length === 1) this.target[at] = category;
    else this.target[at + category] = 1;
    return 'known';
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
      say`Each row needs values such as the model was trained with${this.#options.advice}${this.#skipping()}`,
    );
  }

  #skipping(): Wording {
    if (this.#options.canSkip !== true) return '';
    const options = [...this.#remedies].sort().map((name) => optionName(name, 'skip'));
    return say`; leave such rows out with ${joined(options, ' and ')}`;
  }
}

function makeEncoders(
  schema: CsvSchema,
  layout: CsvLayout,
  rules: { readonly decimal: '.' | ','; readonly isFitting: boolean },
): (Encoder | undefined)[] {
  const starts: number[] = [];
  let at = 0;
  for (const column of schema.columns) {
    starts.push(at);
    at += inputWidth(column);
  }
  const outputs = new Map<CsvColumn, number>(labelOutputs(schema).map(({ column, from }) => [column, from]));
  return Array.from(layout.columns, (columnIndex, place) => {
    const column = schema.columns[columnIndex];
    if (column === undefined) return undefined;
    const start = outputs.get(column) ?? (starts[columnIndex] as number);
    return {
      described: describeColumn({ header: layout.header && schema.header }, place, column.name),
      name: column.name,
      kind: column.kind,
      at: start,
      coder: isInput(column) ? inputCoder(column, start, rules) : undefined,
      index: column.kind === 'class' ? new CategoryIndex(column.categories, rules.decimal) : undefined,
      missing: 0,
      unknown: 0,
    };
  });
}
