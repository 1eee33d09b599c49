/** The most levels of lists and objects within each other; a study has five or so. */
const MOST_LEVELS = 64;

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
