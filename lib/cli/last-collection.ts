import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects garbage just before the program ends.
 *
 * When Node ends, it waits for V8's compiler threads. One of them may be waiting for the main thread to
 * collect garbage, which never happens, so the process hangs (nodejs/node#54918). This happens once in
 * hundreds of runs if large arrays, such as a data set, have filled the heap up to its limit; a collection
 * makes enough room.
 */
export function collectGarbage(): void {
  // Other runtimes (Bun, Deno) have other engines without such a function.
  if (process.versions.v8 === undefined || 'Bun' in globalThis) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('typeof gc === "function" ? gc : undefined') as (() => void) | undefined;
  collect?.();
}
