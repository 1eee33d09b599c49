import type { Dataset } from '../../data/dataset.js';
import type { KernelSet } from '../../engine/kernel-sets.js';
import { withKernelSet } from '../../engine/kernel-sets.js';
import { NetworkCore } from '../../network/core.js';
import { networkDigest } from '../../network/digest.js';
import { type NetworkOptions, resolveOptions } from '../../network/options.js';

/** The state of a network after a number of examples. */
export interface Claim {
  readonly examples: number;
  readonly digest: string;
  /** The scores of the probe's examples, one after another. */
  readonly scores: Float32Array;
}

/**
 * A second engine, with another kernel set and off the main thread, that learns the same examples in jobs of thousands
 * and compares the results. It is never corrected, so that even a small and early difference remains visible.
 */
export class Follower {
  readonly #core: NetworkCore;
  readonly #train: Dataset;
  readonly #labels: Int32Array;
  readonly #probe: Uint8Array;
  #queue: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** The number of chunks that have not been compared yet. */
  pending = 0;
  /** The number of examples up to the last comparison. */
  examples = 0;
  chunks = 0;
  /** The number of examples before the first difference; undefined if there was none. */
  differsAt: number | undefined;

  /** @param probe - inputs, one after another; their scores are compared */
  constructor(options: NetworkOptions, train: Dataset, probe: Uint8Array, kernelSet: KernelSet) {
    if (train.targets.kind !== 'classes') throw new TypeError('the data must have classes');
    this.#core = withKernelSet(kernelSet, () => new NetworkCore(resolveOptions(options)));
    this.#train = train;
    this.#labels = train.targets.labels;
    this.#probe = probe;
  }

  get kernelSet(): KernelSet {
    return this.#core.engine.kernelSet;
  }

  /** Learns further examples, then compares its state with that of the other network. */
  follow(order: Uint32Array, rate: number, claim: Claim): void {
    this.pending++;
    this.#queue = this.#queue
      .then(() => this.#check(order, rate, claim))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.pending--;
      });
  }

  /** Waits until at most this many chunks are left to compare. Throws the error of a chunk that failed. */
  async settle(pending: number): Promise<void> {
    while (this.pending > pending && this.#failure === undefined)
      await (pending === 0 ? this.#queue : new Promise((resolve) => setTimeout(resolve, 1)));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #check(order: Uint32Array, rate: number, { examples, digest, scores }: Claim): Promise<void> {
    const { engine, junctionCount, outputs } = this.#core;
    await engine.train({
      inputs: this.#train.inputs.data as Uint8Array,
      targets: this.#labels,
      order,
      rates: Float64Array.of(rate),
      rateInterval: order.length,
      threads: 1,
      drain: true,
    });
    const own = new Float32Array(scores.length);
    await engine.predict({ inputs: this.#probe, count: own.length / outputs, threads: 1, scores: own });
    const isSame =
      networkDigest(engine, junctionCount) === digest && own.every((score, i) => score === scores[i]);
    if (!isSame) this.differsAt ??= examples;
    this.examples = examples;
    this.chunks++;
  }
}
