import type { EngineNetwork } from '../../engine/network.js';

/** Stops engine calls within milliseconds, because an AbortSignal says so or because something failed. */
export class Interruption {
  readonly #engine: EngineNetwork;
  readonly #signal: AbortSignal | undefined;
  readonly #listener = () => this.stop();
  /** Stops the running call; undefined between calls. */
  #stopCall: (() => void) | undefined;
  #stopped = false;
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => undefined;

  /** Resolves at the first {@link stop}; stays pending if there is none. */
  readonly requested: Promise<void>;

  constructor(engine: EngineNetwork, signal: AbortSignal | undefined) {
    this.#engine = engine;
    this.#signal = signal;
    this.requested = new Promise((resolve) => {
      this.#wake = resolve;
    });
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', this.#listener, { once: true });
  }

  /** Whether {@link stop} has been called. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Makes an engine call that {@link stop} can end early. It must be the network's only one at the time.
   *
   * @param stop - how to end the call; abort() by default
   */
  async run<T>(call: () => Promise<T>, stop: () => void = () => this.#engine.abort()): Promise<T> {
    this.#stopCall = stop;
    try {
      return await call();
    } finally {
      this.#stopCall = undefined;
    }
  }

  /** Ends the running call early; callers check {@link stopped} before they make another. */
  stop(): void {
    this.#stopped = true;
    this.#stopCall?.();
    this.#wake();
  }

  /** Stops because of an error, which {@link rethrow} throws; the first error counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }

  /** Throws the error that {@link fail} was given, if any. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Stops listening to the signal. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#listener);
  }
}
