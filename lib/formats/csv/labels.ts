/** The labels of a table: one column, or several that are learned together. */

import type { Targets } from '../../data/targets.js';
import type { CsvColumn, CsvSchema } from './schema.js';

/** A column to predict. */
export type LabelColumn =
  | Extract<CsvColumn, { kind: 'class' }>
  | { readonly name: string; readonly kind: 'value' };

/** A label, and the outputs that belong to it: `from` to `to` - 1. */
export interface LabelOutputs {
  readonly column: LabelColumn;
  readonly from: number;
  readonly to: number;
}

/** Whether a column is a label. */
export function isLabel(column: CsvColumn): column is LabelColumn {
  return column.kind === 'class' || column.kind === 'value';
}

/** The labels in the order of the columns, at least one. */
export function labelColumns({ columns }: CsvSchema): readonly LabelColumn[] {
  return columns.filter(isLabel);
}

/**
 * The outputs of each label. A number has one, and so has one class alone, whose target is its index; of several labels,
 * each class has an output that is 1 in its rows and 0 in others.
 */
export function labelOutputs(schema: CsvSchema): readonly LabelOutputs[] {
  const labels = labelColumns(schema);
  let to = 0;
  return labels.map((column) => {
    const from = to;
    to += column.kind === 'class' && labels.length > 1 ? column.categories.values.length : 1;
    return { column, from, to };
  });
}

/**
 * The targets of rows.
 *
 * @param data - row-major, rows x outputs
 */
export function targetsOf(labels: readonly LabelColumn[], data: Float64Array): Targets {
  const [first] = labels as [LabelColumn];
  if (labels.length === 1)
    return first.kind === 'class'
      ? { kind: 'classes', labels: Int32Array.from(data), classes: first.categories.values }
      : { kind: 'values', data, names: [first.name] };
  const names = labels.flatMap((column) =>
    column.kind === 'class'
      ? column.categories.values.map((value) => `${column.name}=${value}`)
      : [column.name],
  );
  return labels.every(({ kind }) => kind === 'class')
    ? { kind: 'multilabel', data: Uint8Array.from(data), names }
    : { kind: 'values', data, names };
}
