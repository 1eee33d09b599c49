import { setImmediate } from 'node:timers/promises';

/** Long work in steps: it yields every millisecond or so, and returns its result. */
export type Steps<T> = Generator<void, T, void>;

/** How long the event loop waits for work in slices, in milliseconds; a step more than that at most. */
const SLICE = 4;

/** Does all of the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the work in slices of some milliseconds, between which the event loop handles whatever else has come. */
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
