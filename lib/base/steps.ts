import { setImmediate } from 'node:timers/promises';

/** Long work in steps: the generator yields about every millisecond, and returns the result. */
export type Steps<T> = Generator<void, T, void>;

/** How long one slice of work may keep the event loop waiting, in milliseconds; the last step may exceed it. */
const SLICE = 4;

/** Does all of the work without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the work in slices of a few milliseconds; between them the event loop handles other events. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const start = performance.now();
    while (performance.now() - start < SLICE) {
      const { done, value } = steps.next();
      if (done) return value;
    }
    await setImmediate();
  }
}
