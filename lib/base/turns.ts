/** Runs asynchronous operations on one object one at a time, in the order of the calls. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether no operation is running or waiting. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Runs `operation` after all earlier ones have settled. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(operation).finally(() => {
      this.#waiting--;
    });
    // The next operation starts when this one ends, even if it fails; `turn` passes the failure to the caller.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
