import type { NativeNetwork } from '../native.js';

/** Stops calls of the engine within milliseconds when an AbortSignal or something of ours asks for it. */
export class Interruption {
  readonly #engine: NativeNetwork;
  readonly #signal: AbortSignal | undefined;
  readonly #listener = () => this.stop();
  #running = false;
  #stopped = false;
  #wake: () => void = () => undefined;

  /** Settles when the stop is asked for, if ever. */
  readonly requested: Promise<void>;

  constructor(engine: NativeNetwork, signal: AbortSignal | undefined) {
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

  /** Makes a call of the engine; nothing else of the network's may be running. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#running = true;
    try {
      return await call();
    } finally {
      this.#running = false;
    }
  }

  /** Asks the running call, if there is one, and all to come to stop. */
  stop(): void {
    this.#stopped = true;
    if (this.#running) this.#engine.abort();
    this.#wake();
  }

  /** Forgets the signal. */
  close(): void {
    this.#signal?.removeEventListener('abort', this.#listener);
  }
}
