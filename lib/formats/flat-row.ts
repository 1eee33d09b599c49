import { SparseTrainError } from '../base/errors.js';
import { quoted } from './csv/problems.js';

/** How deep objects may stand in each other. */
const DEEPEST = 8;

/**
 * A row in which the fields of inner objects stand beside the others, named by their path: `{ at: { x: 1 } }` becomes
 * `{ 'at.x': 1 }`. A row without inner objects is returned as it is.
 *
 * @throws SparseTrainError INVALID_DATA for objects that are nested too deep, and for two fields of the same name
 */
export function flatRow(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!Object.values(row).some(isNested)) return row;
  // Without a prototype, so that a field may be called __proto__.
  const flat = Object.create(null) as Record<string, unknown>;
  addFields(row, '', 0, flat);
  return flat;
}

function addFields(object: object, prefix: string, depth: number, into: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isNested(value)) {
      if (depth === DEEPEST)
        throw new SparseTrainError(
          'INVALID_DATA',
          `${quoted(name)}: objects stand in each other more than ${DEEPEST} deep`,
        );
      addFields(value, name, depth + 1, into);
    } else if (Object.hasOwn(into, name)) {
      throw new SparseTrainError('INVALID_DATA', `the row has ${quoted(name)} twice`);
    } else into[name] = value;
  }
}

/** Whether a value is an object with fields of its own, not a list, a date or null. */
function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
