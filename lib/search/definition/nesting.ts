import { isTypedArrayOrProxy } from '../../data/matrix.js';

/** The most levels of lists and objects within each other; a study has five or so. */
const MOST_LEVELS = 64;

/**
 * The path of what is first within a value that is not too deep and cannot be JSON, and what it is: a typed array (a proxy of
 * one throws where its length is asked for), or a list with holes, of which there may be thousands of millions.
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
 * Whether a value has more levels than any study, or contains itself: what walks through it level by level, calling itself
 * for each, would run out of stack.
 */
export function isTooDeep(value: unknown, levels = 0, checked = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null || checked.has(value)) return false;
  if (levels === MOST_LEVELS) return true;
  if (Object.values(value).some((item) => isTooDeep(item, levels + 1, checked))) return true;
  // Only now: what contains itself must not count as checked while it is.
  checked.add(value);
  return false;
}
