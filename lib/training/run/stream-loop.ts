import { ClippedInputsWatch } from '../clipped-inputs.js';
import { ExampleChunk, type StreamExample } from '../example-chunk.js';
import { adoptExamples, engineTargets, needsFitting } from '../examples.js';
import { ratesOf } from '../learning-rate.js';
import type { TrainingRun } from '../records.js';
import type { FitRun } from './fit-run.js';

/** Examples that come one by one, perhaps without end. */
export type ExampleStream = AsyncIterable<StreamExample> | Iterable<StreamExample>;

type ExampleIterator = Iterator<StreamExample> | AsyncIterator<StreamExample>;

/** Examples gathered for one engine call; fewer if they have very many numbers. */
const CHUNK = 1024;

/** Numbers gathered at most. */
const CHUNK_NUMBERS = 2 ** 22;

interface Chunks {
  gathering: ExampleChunk;
  spare: ExampleChunk;
}

/** Trains on a stream. Two chunks take turns: the engine trains on one while the other is gathered. */
export class StreamLoop {
  readonly #run: FitRun;
  readonly #classWeights: Float64Array | undefined;
  /** Undefined before the first example. */
  #chunks: Chunks | undefined;
  /** Resolves when the engine has trained on everything that it was given; undefined: it is idle. */
  #training: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  /** A stream keeps its order: 0, 1, 2, ... */
  #inOrder = new Uint32Array(0);
  #read = 0;
  #adopted = false;
  #clipping: ClippedInputsWatch | undefined;

  constructor(run: FitRun, classWeights: Float64Array | undefined) {
    this.#run = run;
    this.#classWeights = classWeights;
  }

  /** Trains until the stream ends or training is stopped. */
  async train(stream: ExampleStream): Promise<TrainingRun> {
    const run = this.#run;
    const { core, plan, state, interruption } = run;
    try {
      await this.#consume(stream);
      if (interruption.stopped) await run.interrupted();
    } catch (error) {
      await run.interrupted();
      throw error;
    } finally {
      this.#clipping?.warnIfMany();
      await core.turns.take(async () => core.drain());
    }
    const { rates } = ratesOf(plan.learningRate, { epoch: 0, epochs: 1, presented: 0, examples: 1 });
    const isComplete = !interruption.stopped;
    await run.endEpoch(rates[0] as number, isComplete, isComplete && state.examples > 0);
    return run.finish();
  }

  async #consume(stream: ExampleStream): Promise<void> {
    const iterator = open(stream);
    const reading = this.#gather(iterator);
    const stopped = this.#run.interruption.requested.then(() => 'stopped' as const);
    const first = await Promise.race([reading, stopped]);
    if (first === 'stopped') {
      // The stream may wait for an example that never comes, so we do not wait for it; nor do its errors matter now.
      reading.catch(() => undefined);
      abandon(iterator);
    }
    await this.#training;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #gather(iterator: ExampleIterator): Promise<void> {
    const { interruption } = this.#run;
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
      // The examples before the one that is wrong are learned, so that the network stands exactly there.
      await this.#training;
      if (this.#chunks !== undefined && !interruption.stopped && this.#failure === undefined) {
        this.#trainIfIdle(this.#chunks, true);
        await this.#training;
      }
      this.#failure ??= { error };
    } finally {
      if (!finished && !interruption.stopped) await iterator.return?.();
    }
  }

  #makeChunks(first: StreamExample): Chunks {
    const { core, plan } = this.#run;
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

  /** Gives the engine what is gathered, unless it is busy. */
  #trainIfIdle(chunks: Chunks, isEnd: boolean): void {
    const chunk = chunks.gathering;
    if (this.#training !== undefined || chunk.count === 0) return;
    if (this.#run.plan.batchSize > 1 && !chunk.isFull && !isEnd) return;
    // Scaling is fitted to a whole chunk, however slowly its examples come.
    if (!this.#adopted && !chunk.isFull && !isEnd) {
      if (needsFitting(this.#run.core, chunk.examples().inputs)) return;
    }
    chunks.gathering = chunks.spare;
    this.#training = this.#trainChunk(chunk)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        chunk.clear();
        chunks.spare = chunk;
        this.#training = undefined;
        if (this.#failure === undefined && !this.#run.interruption.stopped) this.#trainIfIdle(chunks, false);
      });
  }

  async #trainChunk(chunk: ExampleChunk): Promise<void> {
    const { core, plan, state, trainer, interruption } = this.#run;
    const examples = chunk.examples();
    if (!this.#adopted) {
      adoptExamples(core, examples);
      this.#clipping = ClippedInputsWatch.begin(core, examples.inputs);
    }
    this.#adopted = true;
    const { inputs, scaling } = core.reader.matrix(examples.inputs);
    const place = { epoch: 0, epochs: 1, presented: state.examples, examples: chunk.count };
    const { rates, interval } = ratesOf(plan.learningRate, place);
    const training = trainer.train({
      inputs,
      scaling,
      targets: engineTargets(core, examples.targets),
      order: this.#inOrder.subarray(0, chunk.count),
      rates,
      rateInterval: interval,
      classWeights: this.#classWeights,
      drain: false,
    });
    // The engine reads the examples on its own thread, so counting takes no time of its own.
    this.#clipping?.add(examples.inputs);
    await training;
    if (!interruption.stopped) await this.#run.boundary();
  }
}

function open(stream: ExampleStream): ExampleIterator {
  if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
  return stream[Symbol.iterator]();
}

/** Closes a stream without waiting for it. */
function abandon(iterator: ExampleIterator): void {
  const closing: unknown = iterator.return?.();
  if (closing instanceof Promise) closing.catch(() => undefined);
}
