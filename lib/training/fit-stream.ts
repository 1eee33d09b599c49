import type { NetworkCore } from '../network/core.js';
import { prepareCheckpoint } from './checkpoint/resume.js';
import { resolveClassWeights } from './class-weights.js';
import { evaluateExamples } from './evaluation.js';
import { ExampleChunk, type StreamExample } from './example-chunk.js';
import { adoptExamples, checkExamples, engineTargets, needsFitting } from './examples.js';
import type { FitPlan } from './fit-options.js';
import { ratesOf } from './learning-rate.js';
import type { TrainingRun } from './records.js';
import { TrainingSession } from './session.js';

/** Examples that come one by one, perhaps without end. */
export type ExampleStream = AsyncIterable<StreamExample> | Iterable<StreamExample>;

/** Examples gathered for one call of the engine; fewer of those that have very many numbers. */
const CHUNK = 1024;

/** Numbers gathered at most. */
const CHUNK_NUMBERS = 2 ** 22;

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
  const data = { train: undefined, validation };
  const resumed =
    plan.checkpoint === undefined
      ? undefined
      : await core.turns.take(() => prepareCheckpoint(core, plan, data));
  const session = new TrainingSession(core, plan, facts, data, resumed);
  return session.conduct(async () => {
    try {
      await new StreamTrainer(session, classWeights).consume(stream);
      if (session.interruption.stopped) await session.saveStopped();
    } catch (error) {
      await session.saveStopped();
      throw error;
    } finally {
      await core.turns.take(async () => core.drain());
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

interface Chunks {
  gathering: ExampleChunk;
  spare: ExampleChunk;
}

/** Two chunks that take turns: one is gathered while the other is trained on. */
class StreamTrainer {
  readonly #session: TrainingSession;
  readonly #classWeights: Float64Array | undefined;
  /** Undefined before the first example. */
  #chunks: Chunks | undefined;
  /** Settles when the engine has done with everything that it was given. */
  #training: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  /** The examples of a chunk in an order that is their own. */
  #inOrder = new Uint32Array(0);
  #read = 0;
  #adopted = false;

  constructor(session: TrainingSession, classWeights: Float64Array | undefined) {
    this.#session = session;
    this.#classWeights = classWeights;
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
        this.#chunks ??= this.#makeChunks(value);
        this.#chunks.gathering.add(value, this.#read++);
        this.#trainIfIdle(this.#chunks, false);
        if (this.#chunks.gathering.isFull) await this.#training;
      }
      await this.#training;
      if (this.#chunks !== undefined && finished && !interruption.stopped && this.#failure === undefined) {
        this.#trainIfIdle(this.#chunks, true);
        await this.#training;
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      if (!finished && !interruption.stopped) await iterator.return?.();
    }
  }

  #makeChunks(first: StreamExample): Chunks {
    const { core, plan } = this.#session;
    const most = Math.max(
      1,
      Math.min(CHUNK, Math.floor(CHUNK_NUMBERS / Math.max(core.inputs, core.outputs))),
    );
    // Whole batches, so that only the stream's last one is smaller.
    const capacity = Math.ceil(most / plan.batchSize) * plan.batchSize;
    this.#inOrder = Uint32Array.from({ length: capacity }, (_, i) => i);
    return {
      gathering: new ExampleChunk(core, capacity, first),
      spare: new ExampleChunk(core, capacity, first),
    };
  }

  /** Lets the engine have what is gathered, unless it is busy. */
  #trainIfIdle(chunks: Chunks, isEnd: boolean): void {
    const chunk = chunks.gathering;
    if (this.#training !== undefined || chunk.count === 0) return;
    if (this.#session.plan.batchSize > 1 && !chunk.isFull && !isEnd) return;
    // What is to be fitted to the data is fitted to a whole chunk, however slowly it comes.
    if (!this.#adopted && !chunk.isFull && !isEnd) {
      if (needsFitting(this.#session.core, chunk.examples().inputs)) return;
    }
    chunks.gathering = chunks.spare;
    this.#training = this.#train(chunk)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        chunk.clear();
        chunks.spare = chunk;
        this.#training = undefined;
        if (this.#failure === undefined && !this.#session.interruption.stopped)
          this.#trainIfIdle(chunks, false);
      });
  }

  async #train(chunk: ExampleChunk): Promise<void> {
    const { core, plan, examples: presented } = this.#session;
    const examples = chunk.examples();
    if (!this.#adopted) adoptExamples(core, examples);
    this.#adopted = true;
    const { inputs, scaling } = core.reader.matrix(examples.inputs);
    const stretch = { epoch: 0, epochs: 1, presented, examples: chunk.count };
    const { rates, interval } = ratesOf(plan.learningRate, stretch);
    await this.#session.train({
      inputs,
      scaling,
      targets: engineTargets(core, examples.targets),
      order: this.#inOrder.subarray(0, chunk.count),
      rates,
      rateInterval: interval,
      classWeights: this.#classWeights,
      drain: false,
    });
    if (!this.#session.interruption.stopped) await this.#session.markBoundary();
  }

  #abandon(iterator: Iterator<StreamExample> | AsyncIterator<StreamExample>): void {
    const closing: unknown = iterator.return?.();
    if (closing instanceof Promise) closing.catch(() => undefined);
  }
}

function openStream(stream: ExampleStream): Iterator<StreamExample> | AsyncIterator<StreamExample> {
  if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
  return stream[Symbol.iterator]();
}
