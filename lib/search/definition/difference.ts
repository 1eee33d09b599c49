/** Parts of a definition that may change when a study is resumed. */
const MAY_CHANGE: readonly string[] = ['name', 'trials', 'sampler', 'pruner', 'data.directory'];

/**
 * The first difference that makes two definitions different studies, with both values as JSON; undefined if they are
 * the same study.
 */
export function firstDifference(
  before: unknown,
  now: unknown,
  path = '',
): { path: string; before: string; now: string } | undefined {
  if (MAY_CHANGE.includes(path)) return undefined;
  if (isObject(before) && isObject(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const found = firstDifference(before[key], now[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [a, b] = [JSON.stringify(before), JSON.stringify(now)];
  return a === b ? undefined : { path, before: a ?? 'nothing', now: b ?? 'nothing' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
