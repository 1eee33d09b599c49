import type { NetworkCore } from '../network/core.js';
import { resolveClassWeights } from './class-weights.js';
import { evaluateExamples } from './evaluation.js';
import { ExampleChunk, type StreamExample } from './example-chunk.js';
import { adoptExamples, checkExamples, engineTargets } from './examples.js';
import type { FitPlan } from './fit-options.js';
import { ratesOf } from './learning-rate.js';
import type { TrainingRun } from './records.js';
import { TrainingSession } from './session.js';

/** Examples that come one by one, perhaps without end. */
export type ExampleStream = AsyncIterable<StreamExample> | Iterable<StreamExample>;

/** Examples gathered for one call of the engine at most. */
const CHUNK = 1024;

/** In an order that is their own. */
const IN_ORDER = Uint32Array.from({ length: CHUNK }, (_, i) => i);

/** Trains on a stream: while the engine trains one chunk, the next one is gathered. */
export async function fitStream(
  core: NetworkCore,
  stream: ExampleStream,
  plan: FitPlan,
): Promise<TrainingRun> {
  const validation = typeof plan.validation === 'number' ? undefined : plan.validation;
  if (validation !== undefined) checkExamples(core, validation);
  const classWeights = resolveClassWeights(plan.classWeights, core, undefined);
  const facts = { kind: 'stream', rows: undefined, validationRows: validation?.rows } as const;
  const session = new TrainingSession(core, plan, facts);
  return session.conduct(async () => {
    try {
      await new StreamTrainer(session, classWeights).consume(stream);
    } finally {
      core.drain();
    }
    const { rates } = ratesOf(plan.learningRate, { epoch: 0, epochs: 1, presented: 0, examples: 1 });
    const record = session.endEpoch(rates[0] as number, !session.interruption.stopped);
    const metrics =
      validation === undefined || session.examples === 0 || session.interruption.stopped
        ? undefined
        : await evaluateExamples(core, validation, plan.threads, session.interruption);
    session.noteValidation(record, metrics);
    await session.announce(record);
    session.rethrow();
    return session.finish(session.interruption.stopped ? 'aborted' : 'finished', metrics, undefined);
  });
}

/** Two chunks that take turns: one is gathered while the other is trained on. */
class StreamTrainer {
  readonly #session: TrainingSession;
  readonly #classWeights: Float64Array | undefined;
  #gathering: ExampleChunk;
  #spare: ExampleChunk;
  /** Settles when the engine has done with everything that it was given. */
  #training: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #read = 0;

  constructor(session: TrainingSession, classWeights: Float64Array | undefined) {
    this.#session = session;
    this.#classWeights = classWeights;
    this.#gathering = new ExampleChunk(session.core, CHUNK);
    this.#spare = new ExampleChunk(session.core, CHUNK);
  }

  /** Reads the stream to its end, or until it is to stop, and trains on all of it. */
  async consume(stream: ExampleStream): Promise<void> {
    const { interruption } = this.#session;
    const iterator = openStream(stream);
    const reading = this.#gather(iterator);
    const stopped = interruption.requested.then(() => 'stopped' as const);
    const first = await Promise.race([reading, stopped]);
    if (first === 'stopped') {
      // The stream may be waiting for an example that never comes, so nothing waits for the stream; what it still says
      // concerns nobody any more.
      reading.catch(() => undefined);
      this.#abandon(iterator);
    }
    await this.#training;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #gather(iterator: Iterator<StreamExample> | AsyncIterator<StreamExample>): Promise<void> {
    const { interruption } = this.#session;
    let finished = false;
    try {
      while (!interruption.stopped && this.#failure === undefined) {
        const { done, value } = await iterator.next();
        if (done) {
          finished = true;
          break;
        }
        if (interruption.stopped) break;
        this.#gathering.add(value, this.#read++);
        this.#trainIfIdle(false);
        if (this.#gathering.isFull) await this.#training;
      }
      while (finished && this.#gathering.count > 0 && !interruption.stopped && this.#failure === undefined) {
        this.#trainIfIdle(true);
        await this.#training;
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      if (!finished && !interruption.stopped) await iterator.return?.();
    }
  }

  /** Lets the engine have what is gathered, unless it is busy. */
  #trainIfIdle(isEnd: boolean): void {
    const chunk = this.#gathering;
    if (this.#training !== undefined || chunk.count === 0) return;
    const { core } = this.#session;
    // What is to be fitted to the data is fitted to a whole chunk, however slowly it comes.
    if (!isDecided(core) && !chunk.isFull && !isEnd) return;
    this.#gathering = this.#spare;
    this.#training = this.#train(chunk)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        chunk.clear();
        this.#spare = chunk;
        this.#training = undefined;
        if (this.#failure === undefined && !this.#session.interruption.stopped) this.#trainIfIdle(false);
      });
  }

  async #train(chunk: ExampleChunk): Promise<void> {
    const { core, plan, examples: presented } = this.#session;
    const examples = chunk.examples();
    if (!isDecided(core)) adoptExamples(core, examples);
    const { inputs, scaling } = core.reader.rows(examples.inputs.data);
    const stretch = { epoch: 0, epochs: 1, presented, examples: chunk.count };
    const { rates, interval } = ratesOf(plan.learningRate, stretch);
    await this.#session.train({
      inputs,
      scaling,
      targets: engineTargets(core, examples.targets),
      order: IN_ORDER.subarray(0, chunk.count),
      rates,
      rateInterval: interval,
      classWeights: this.#classWeights,
      drain: false,
    });
  }

  #abandon(iterator: Iterator<StreamExample> | AsyncIterator<StreamExample>): void {
    const closing: unknown = iterator.return?.();
    if (closing instanceof Promise) closing.catch(() => undefined);
  }
}

/** Whether scaling of inputs and targets is known. */
function isDecided(core: NetworkCore): boolean {
  const targetsDecided = core.options.output !== 'linear' || core.targetScaling !== undefined;
  return core.reader.scaling !== undefined && core.reader.unit !== undefined && targetsDecided;
}

function openStream(stream: ExampleStream): Iterator<StreamExample> | AsyncIterator<StreamExample> {
  if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
  return stream[Symbol.iterator]();
}
