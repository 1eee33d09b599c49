/** Lets asynchronous operations on one thing run one after the other, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `operation` when all earlier ones have settled; settles as it does. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(operation);
    // The next one waits for this one's end, however it ends; the failure itself goes to whoever asked for `turn`.
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
