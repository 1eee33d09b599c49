import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { SparseTrainError } from '../../base/errors.js';
import { connectRedis } from '../../base/redis.js';
import type { DurableModel } from '../durable-model.js';
import { parseBody, readLearnBody } from '../http/bodies.js';
import type { Lesson } from '../journal/record.js';
import { redisClient } from '../packages.js';
import { idIn, isAfter, originText } from './entry-id.js';

/** How feedback is read. */
export interface FeedbackOptions {
  /** The key of the stream; 'feedback' by default. */
  readonly stream?: string | undefined;
  /** The column that is predicted: a row may hold it, if its entry has no target. */
  readonly label?: string | undefined;
  /** Called for each entry that is refused, and when entries cannot be read or learned for a while. */
  readonly onProblem?: (problem: FeedbackProblem) => void;
}

/** An entry that was refused, or a failure that is tried again. */
export interface FeedbackProblem {
  /** The id of the refused entry; undefined if the problem concerns no single one. */
  readonly entry?: string | undefined;
  readonly error: unknown;
}

/** The field of an entry that holds the lesson, as a body of POST /learn. */
const FIELD = 'lesson';
const CONSUMER = 'learner';
/** The most entries that are read at once. */
const COUNT = 256;
/** Milliseconds that Redis waits for new entries before it answers that there are none. */
const BLOCK = 2000;
/** Milliseconds until something that failed is tried again. */
const RETRY = 500;
/** Milliseconds that Redis has to receive the last confirmations. */
const FAREWELL = 1000;

type Entry = [id: string, fields: string[] | null];

/**
 * Learns the entries of a Redis stream, in their order and each exactly once. The journal stores the id of each entry
 * with its lesson, so an entry that Redis delivers again, because a process died before it could confirm it or because
 * Redis itself lost the confirmation, is recognised. Each model reads as a consumer group of its own.
 */
export class RedisFeedback {
  readonly counts = { learned: 0, refused: 0, repeated: 0 };
  readonly #model: DurableModel;
  readonly #redis: Redis;
  readonly #options: FeedbackOptions;
  readonly #stream: string;
  readonly #group: string;
  /** Counts connections. Entries that were read over an earlier one may not be the next in order. */
  #connections = 0;
  #isClosed = false;
  #learning: Promise<void> = Promise.resolve();
  readonly #ended: Promise<void>;

  private constructor(model: DurableModel, redis: Redis, options: FeedbackOptions) {
    this.#model = model;
    this.#redis = redis;
    this.#options = options;
    this.#stream = options.stream ?? 'feedback';
    this.#group = `sparse-train:${model.id}`;
    redis.on('close', () => {
      this.#connections++;
    });
    this.#ended = this.#run();
  }

  /**
   * Begins to learn from a stream, which need not exist yet.
   *
   * @param url - `redis://host:port`
   * @throws SparseTrainError INVALID_OPTION, QUEUE_UNAVAILABLE, SERVER_UNAVAILABLE
   */
  static async start(
    model: DurableModel,
    url: string,
    options: FeedbackOptions = {},
  ): Promise<RedisFeedback> {
    const redis = await connectRedis(redisClient(), url, { option: 'feedback', what: 'the feedback' });
    return new RedisFeedback(model, redis, options);
  }

  /** Stops reading, and waits until the entries that are being learned are in the journal and, if Redis answers, confirmed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Without Redis they are recognised when it delivers them again.
    await Promise.race([this.#learning.catch(() => undefined), pause(FAREWELL, undefined, { ref: false })]);
    this.#redis.disconnect();
    await this.#ended;
  }

  async #run(): Promise<void> {
    // Entries that were delivered and not confirmed come first: they are older than all others.
    let isPending = true;
    while (!this.#isClosed && this.#model.failure === undefined) {
      try {
        const connection = this.#connections;
        const entries = await this.#read(isPending ? '0' : '>');
        if (connection !== this.#connections) isPending = true;
        else if (entries.length > 0) {
          this.#learning = this.#learn(entries);
          await this.#learning;
        } else isPending = false;
      } catch (error) {
        if (this.#isClosed) return;
        // Entries that were read are now delivered and not confirmed.
        isPending = true;
        if (/^NOGROUP/.test((error as Error).message)) await this.#makeGroup();
        else {
          this.#options.onProblem?.({ error });
          await pause(RETRY);
        }
      }
    }
  }

  async #read(from: '0' | '>'): Promise<readonly Entry[]> {
    const reading = ['GROUP', this.#group, CONSUMER, 'COUNT', COUNT] as const;
    const waiting = from === '>' ? ['BLOCK', BLOCK] : [];
    const reply = await this.#redis.call('XREADGROUP', ...reading, ...waiting, 'STREAMS', this.#stream, from);
    if (reply === null) return [];
    // A list of pairs of key and entries in version 2 of Redis's protocol; one pair, as of a map, in version 3.
    const [first, entries] = reply as [string, Entry[]] | [[string, Entry[]], undefined];
    return typeof first === 'string' ? (entries as Entry[]) : first[1];
  }

  /** The group begins after the last entry that the journal has, also if Redis has forgotten the group. */
  async #makeGroup(): Promise<void> {
    const from = idIn(this.#model.latestOrigin, this.#stream) ?? '0';
    try {
      await this.#redis.xgroup('CREATE', this.#stream, this.#group, from, 'MKSTREAM');
    } catch (error) {
      if (this.#isClosed || /^BUSYGROUP/.test((error as Error).message)) return;
      this.#options.onProblem?.({ error });
      await pause(RETRY);
    }
  }

  /** Learns entries, and confirms them to Redis once they are in the journal. */
  async #learn(entries: readonly Entry[]): Promise<void> {
    const known = idIn(this.#model.latestOrigin, this.#stream);
    const lessons: { lesson: Lesson; from: string; id: string }[] = [];
    for (const [id, fields] of entries) {
      // An entry without fields was deleted from the stream before it could be learned.
      if (!isAfter(id, known) || fields === null) this.counts.repeated++;
      else {
        try {
          const from = originText({ stream: this.#stream, id });
          lessons.push({ lesson: lessonIn(fields, this.#options.label), from, id });
        } catch (error) {
          this.#refuse(id, error);
        }
      }
    }
    if (lessons.length > 0) {
      const outcomes = await this.#model.learnFrom(lessons);
      for (const [i, outcome] of outcomes.entries())
        if ('error' in outcome) this.#refuse(lessons[i]?.id as string, outcome.error);
        else this.counts.learned++;
    }
    await this.#redis.xack(this.#stream, this.#group, ...entries.map(([id]) => id));
  }

  #refuse(entry: string, error: unknown): void {
    if (!(error instanceof SparseTrainError)) throw error;
    this.counts.refused++;
    this.#options.onProblem?.({ entry, error });
  }
}

/** @throws SparseTrainError INVALID_DATA */
function lessonIn(fields: readonly string[], label: string | undefined): Lesson {
  const at = fields.findIndex((name, i) => i % 2 === 0 && name === FIELD);
  const text = at === -1 ? undefined : fields[at + 1];
  if (text === undefined)
    throw new SparseTrainError('INVALID_DATA', {
      says: `the entry has no field "${FIELD}"`,
      advice: `add it as XADD feedback '*' ${FIELD} '{"row": {...}, "target": ...}'`,
    });
  const { lessons, isList } = readLearnBody(parseBody(text), label);
  const [lesson] = lessons;
  if (!isList && lesson !== undefined) return lesson;
  throw new SparseTrainError('INVALID_DATA', {
    says: 'an entry holds one row',
    advice: 'add an entry for each row, because the journal stores the id of the entry with the row',
  });
}
