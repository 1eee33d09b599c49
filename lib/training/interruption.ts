import type { EngineNetwork } from '../engine/network.js';

/** Stops calls of the engine within milliseconds when an AbortSignal or something of ours asks for it. */
export class Interruption {
  readonly #engine: EngineNetwork;
  readonly #signal: AbortSignal | undefined;
  readonly #listener = () => this.stop();
  /** Stops the running call; undefined: there is none. */
  #stopCall: (() => void) | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

  /** Settles when the stop is asked for, if ever. */
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

  /** Whether to stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Makes a call of the engine; nothing else of the network's may be running.
   *
   * @param stop - stops the call, by abort() unless given
   */
  async run<T>(call: () => Promise<T>, stop: () => void = () => this.#engine.abort()): Promise<T> {
    this.#stopCall = stop;
    try {
      return await call();
    } finally {
      this.#stopCall = undefined;
    }
  }

  /** Asks the running call, if there is one, and all to come to stop. */
  stop(): void {
    this.#stopped = true;
    this.#stopCall?.();
    this.#wake();
  }

  /** Forgets the signal. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#listener);
  }
}
