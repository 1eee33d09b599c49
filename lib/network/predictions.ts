import { invalidOption } from '../base/errors.js';

/** The results of {@link Network.predictBatch} for `count` inputs. */
export class Predictions {
  /** Number of inputs. */
  readonly count: number;
  /** Scores per input: the number of the network's outputs. */
  readonly outputs: number;
  /** All scores, row-major, count x outputs: probabilities (softmax, sigmoid) or values (linear). */
  readonly scores: Float32Array;
  /**
   * The output with the largest score for each input. With one sigmoid output: 1 from probability 0.5 on,
   * otherwise 0.
   */
  readonly decisions: Uint32Array;
  /** Seconds that the engine spent. */
  readonly seconds: number;

  constructor(scores: Float32Array, decisions: Uint32Array, seconds: number) {
    this.count = decisions.length;
    this.outputs = scores.length / decisions.length;
    this.scores = scores;
    this.decisions = decisions;
    this.seconds = seconds;
  }

  /**
   * The scores of one input, as a view of {@link scores}.
   *
   * @param index - 0 to `count` - 1
   * @throws SparseTrainError INVALID_OPTION
   */
  row(index: number): Float32Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw invalidOption('index', `a whole number from 0 to ${this.count - 1}`, index);
    }
    return this.scores.subarray(index * this.outputs, (index + 1) * this.outputs);
  }
}
