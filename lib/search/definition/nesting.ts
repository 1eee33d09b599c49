import { isTypedArrayOrProxy } from '../../data/matrix.js';

/** The most levels of lists and objects within each other; a study has five or so. */
const MOST_LEVELS = 64;

/**
 * The path and the kind of the first part of a value that JSON cannot hold: a typed array (a proxy of one throws when
 * its length is read), or a list with holes, which may be billions.
 */
export function findForeign(value: unknown): { path: readonly string[]; what: string } | undefined {
  const checked = new Set<object>();
  const search = (item: unknown, path: readonly string[]): ReturnType<typeof findForeign> => {
    if (typeof item !== 'object' || item === null || checked.has(item)) return undefined;
    if (isTypedArrayOrProxy(item)) return { path, what: 'a typed array; Array.from() makes a list of it' };
    const parts = Object.entries(item);
    if (Array.isArray(item) && parts.length < item.length) return { path, what: 'a list with holes' };
    checked.add(item);
    for (const [name, part] of parts) {
      const found = search(part, [...path, name]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(value, []);
}

/**
 * Whether a value is nested deeper than any study, or contains itself: a recursive walk through it would overflow
 * the stack.
 */
export function isTooDeep(value: unknown, levels = 0, checked = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null || checked.has(value)) return false;
  if (levels === MOST_LEVELS) return true;
  if (Object.values(value).some((item) => isTooDeep(item, levels + 1, checked))) return true;
  // Marked only at the end: a value that contains itself must not count as checked before that.
  checked.add(value);
  return false;
}
