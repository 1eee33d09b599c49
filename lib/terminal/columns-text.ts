import { count } from '../base/numbers.js';
import { type CsvColumn, inputWidth } from '../formats/csv/schema.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';
import { shorten } from './width.js';

/** What training would read: plain data, as `train --dry-run --json` prints it. */
export interface TablePlan {
  /** The name of the data. */
  data: string;
  /** Rows to learn from; of a stream, the first ones, which decide about the columns. */
  rows: number;
  /** Rows left out because of missing or unknown values. */
  skipped: number;
  /** Rows to test on; null if there are no test data. */
  testRows: number | null;
  /** Neurons of the first and of the last layer. */
  inputs: number;
  outputs: number;
  /** Whether only inputs that are not 0 are stored. */
  sparse: boolean;
  /** What each column becomes, in the order of the file; null if the data have no columns with names. */
  columns: (CsvColumn & { inputs: number })[] | null;
  /** Decisions that the user may not expect, one sentence each. */
  remarks: string[];
}

/** Adds to each column the number of inputs that it becomes. */
export function plannedColumns(columns: readonly CsvColumn[]): (CsvColumn & { inputs: number })[] {
  return columns.map((column) => ({ ...column, inputs: inputWidth(column) }));
}

/** Lists what each column of a table becomes. */
export function columnsText(plan: TablePlan, style: Style): string {
  const { data, rows, skipped, testRows, inputs, outputs, sparse, columns, remarks } = plan;
  const facts: [string, string | undefined][] = [
    ['rows', count(rows) + (skipped > 0 ? `; ${count(skipped)} left out` : '')],
    ['test', testRows === null ? undefined : `${count(testRows)} rows`],
    ['inputs', `${count(inputs)}${sparse ? ', stored as sparse rows' : ''}`],
    ['outputs', count(outputs)],
    ...remarks.map((remark): [string, string] => ['remark', remark]),
  ];
  const table =
    columns === null
      ? []
      : tableLines(
          ['column', 'is', 'inputs', ''],
          columns.map((column) => [
            shorten(column.name, NAME),
            KINDS[column.kind],
            ...widthAndDetails(column),
          ]),
          style,
          [0, 1, 3],
        );
  return [
    '',
    `  ${style.paint.bold(`${data}: nothing is trained`)}`,
    '',
    ...table,
    '',
    ...factLines(facts, style),
  ].join('\n');
}

const NAME = 28;

const KINDS: Readonly<Record<CsvColumn['kind'], string>> = {
  number: 'number',
  category: 'category',
  hashed: 'category, hashed',
  text: 'text',
  date: 'date',
  ignored: 'not used',
  weight: 'weight of the row',
  class: 'label: a class',
  value: 'label: a number',
};

function widthAndDetails(column: CsvColumn & { inputs: number }): [string, string] {
  return [column.inputs === 0 ? '' : String(column.inputs), detailsOf(column)];
}

function detailsOf(column: CsvColumn): string {
  switch (column.kind) {
    case 'number': {
      const { bend, indicator, fill } = column;
      const details = [
        ...(bend === undefined ? [] : ['bent, as its tails are heavy']),
        ...(indicator === true ? [`missing becomes ${fill}, with an input that says so`] : []),
      ];
      return details.join('; ');
    }
    case 'category':
      return listed(column.categories.values) + (column.missing === true ? '; missing is a level' : '');
    case 'class':
      return listed(column.categories.values);
    case 'hashed':
      return 'each value has the input that its hash names';
    case 'text':
      return 'words and pairs of words, hashed';
    case 'date':
      return (
        column.parts.join(', ') + (column.indicator === true ? '; an input says where it is missing' : '')
      );
    default:
      return '';
  }
}

/** Names that a line lists. */
const LISTED = 4;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => shorten(name, 16));
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
