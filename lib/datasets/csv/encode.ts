import { SparseTrainError } from '../../errors.js';
import { type InputArray, Matrix } from '../matrix.js';
import type { Targets } from '../targets.js';
import type { CsvLayout } from './layout.js';
import { CsvProblems } from './problems.js';
import type { CsvScanner } from './scanner.js';
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
}

/** How {@link encodeCsv} works. */
export interface EncodeOptions {
  /** Rows that will come out. */
  readonly rows: number;
  readonly decimal: '.' | ',';
  /** Whether rows with missing values are left out; otherwise they are an error. */
  readonly skipMissing: boolean;
  /** Whether 32-bit floats hold the numbers exactly. */
  readonly float32: boolean;
  /** What messages add, for example on how the first line was understood. */
  readonly advice: string;
}

/** How one column is turned into numbers. */
interface Encoder {
  readonly described: string;
  readonly kind: CsvColumn['kind'];
  /** The first input that the column gives. */
  readonly at: number;
  readonly index: CategoryIndex | undefined;
}

/**
 * Turns the records of a file into inputs and targets.
 *
 * @param scanner - before the first record, or after the header
 * @throws SparseTrainError INVALID_FILE for ragged lines, INVALID_DATA for fields that are missing, no numbers or
 * unknown categories, the first five by line and column; INVALID_DATA if it all needs too much memory
 */
export function encodeCsv(
  scanner: CsvScanner,
  name: string,
  schema: CsvSchema,
  layout: CsvLayout,
  options: EncodeOptions,
): EncodedCsv {
  const width = schema.columns.reduce((sum, column) => sum + inputWidth(column), 0);
  const data = allocate(options.rows, width, options.float32, name);
  const label = labelColumn(schema);
  const labels = new Int32Array(layout.hasLabel && label.kind === 'class' ? options.rows : 0);
  const values = new Float64Array(layout.hasLabel && label.kind === 'value' ? options.rows : 0);
  const encoders = makeEncoders(schema, layout);
  const decimal = options.decimal.charCodeAt(0);
  const marks = new MissingValues(schema.missing);
  const ragged = new CsvProblems(name);
  const wrong = new CsvProblems(name);
  let row = 0;
  while (scanner.next()) {
    const { line, count } = scanner;
    if (count !== encoders.length) {
      ragged.add(line, `${count} field${count === 1 ? '' : 's'}`);
      continue;
    }
    const start = row * width;
    let complete = true;
    for (let i = 0; i < count; i++) {
      const encoder = encoders[i];
      if (encoder === undefined) continue;
      const { kind, index } = encoder;
      const number = scanner.number(i, decimal);
      const isNumber = !Number.isNaN(number);
      const text = isNumber && index === undefined ? '' : scanner.text(i);
      if (isNumber ? marks.hasNumber(number) : marks.hasText(text)) {
        complete = false;
        if (!options.skipMissing) wrong.add(line, `${encoder.described} is missing`);
      } else if (index !== undefined) {
        const category = index.find(number, text);
        if (category === -1) wrong.add(line, () => `${encoder.described}: ${index.describeUnknown(text)}`);
        else if (kind === 'class') labels[row] = category;
        else data[start + encoder.at + category] = 1;
      } else if (!isNumber) {
        wrong.add(line, () => `${encoder.described}: ${JSON.stringify(text)} is not a number`);
      } else if (kind === 'value') values[row] = number;
      else data[start + encoder.at] = number;
    }
    if (complete || !options.skipMissing) row++;
    else data.fill(0, start, start + width);
  }
  ragged.throwIfAny('INVALID_FILE', `Each line needs ${encoders.length} fields, as the first has`);
  wrong.throwIfAny(
    'INVALID_DATA',
    `Each row needs all of its inputs as the model was trained with${options.advice}`,
  );
  return { inputs: new Matrix(data, width), targets: makeTargets(layout, label, labels, values) };
}

function makeEncoders(schema: CsvSchema, layout: CsvLayout): (Encoder | undefined)[] {
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
      index: 'categories' in column ? new CategoryIndex(column.categories) : undefined,
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
