/** Runs asynchronous operations on one object one after the other, in the order of the calls. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether no operation runs or waits. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Runs `operation` when all earlier ones have settled. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(operation).finally(() => {
      this.#waiting--;
    });
    // The next operation waits until this one ends, however it ends; the caller gets the failure through `turn`.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
