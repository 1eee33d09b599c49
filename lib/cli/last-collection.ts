import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects garbage, as the last thing that the program does.
 *
 * When Node ends it waits for V8's compiler threads, and one of these may be waiting for the main thread to collect
 * garbage, which it then never does: the process hangs (nodejs/node#54918). That happens once in hundreds of runs where
 * large arrays, such as a data set, have brought the heap to its limit; after a collection it is far from it.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
