import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SparseTrainError } from '../base/errors.js';
import { fileVersion } from '../base/files/file-version.js';
import { modelTexts, openModel } from './model/open-model.js';
import type { ServedModel } from './model/served-model.js';
import { positionOf } from './position.js';
import type { Snapshot } from './snapshots.js';

/** How a model is followed. */
export interface FollowOptions {
  /** Seconds between checks for a new snapshot; 5 by default. */
  readonly every?: number | undefined;
  /** The token of the server that learns. */
  readonly token?: string | undefined;
  /** Called when a snapshot cannot be fetched or read; the earlier one is used until the next look. */
  readonly onProblem?: (error: unknown) => void;
}

/** Milliseconds within which a server must begin to answer. */
const PATIENCE = 30_000;

/** A fetched snapshot, and what distinguishes it from the next one. */
interface Fetched {
  readonly file: string;
  readonly tag: string;
}

/**
 * A model that another process learns: its snapshots are fetched and take each other's place between two predictions.
 */
export class FollowedModel {
  readonly #fetch: (tag: string | undefined) => Promise<Fetched | undefined>;
  readonly #options: FollowOptions;
  readonly #folder: string;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<boolean> | undefined;
  #isClosed = false;
  #model!: ServedModel;
  #tag: string | undefined;
  #snapshot!: Snapshot;
  #id = '';

  private constructor(source: string, options: FollowOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#fetch = /^https?:\/\//.test(source)
      ? (tag) => fetchUrl(source, tag, options.token, folder)
      : (tag) => checkFile(resolve(source), tag);
  }

  /**
   * Begins to follow a model.
   *
   * @param source - the address of a server, `http://host:8391`, or the path of a model file
   * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE, DOWNLOAD_FAILED if there is no first snapshot
   */
  static async follow(source: string, options: FollowOptions = {}): Promise<FollowedModel> {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-follow-'));
    const followed = new FollowedModel(source, options, folder);
    try {
      await followed.look();
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    followed.#lookLater();
    return followed;
  }

  get model(): ServedModel {
    return this.#model;
  }

  get latestSnapshot(): Snapshot {
    return this.#snapshot;
  }

  get snapshotFile(): string {
    return this.#snapshot.file;
  }

  get id(): string {
    return this.#id;
  }

  get failure(): undefined {
    return undefined;
  }

  /** Predicts a row. @throws SparseTrainError INVALID_DATA naming the field */
  predict(row: unknown, hasTicket = false): object {
    return this.#model.predict(row, hasTicket);
  }

  /** Looks for a new snapshot now; returns whether there was one. */
  look(): Promise<boolean> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<boolean> {
    const fetched = await this.#fetch(this.#tag);
    if (fetched === undefined) return false;
    const model = await openModel(fetched.file);
    const { id = fetched.tag, sequence = 0 } = positionOf(fetched.file, await modelTexts(fetched.file)) ?? {};
    const { mtimeMs } = await stat(fetched.file);
    const old = this.#model as ServedModel | undefined;
    const oldFile = this.#snapshot?.file;
    this.#model = model;
    this.#tag = fetched.tag;
    this.#id = id;
    this.#snapshot = { file: fetched.file, sequence, rows: model.rows, at: mtimeMs };
    // Predictions are made at once, so none is under way in the old model.
    old?.close();
    if (oldFile?.startsWith(this.#folder)) await rm(oldFile, { force: true });
    return true;
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(
      () => {
        this.look()
          .catch((error) => this.#options.onProblem?.(error))
          .finally(() => this.#lookLater());
      },
      (this.#options.every ?? 5) * 1000,
    );
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking?.catch(() => undefined);
    this.#model.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A file on this machine, or on one that is mounted. */
async function checkFile(file: string, tag: string | undefined): Promise<Fetched | undefined> {
  const version = await fileVersion(file);
  if (version === undefined)
    throw new SparseTrainError('FILE_NOT_FOUND', `there is no model ${file} to follow`);
  const current = createHash('sha256').update(version).digest('hex').slice(0, 16);
  return current === tag ? undefined : { file, tag: current };
}

/** Fetches the snapshot of a server if it is a new one. */
async function fetchUrl(
  source: string,
  tag: string | undefined,
  token: string | undefined,
  folder: string,
): Promise<Fetched | undefined> {
  const url = new URL('model', source.endsWith('/') ? source : `${source}/`);
  try {
    const response = await fetch(url, {
      headers: {
        ...(tag === undefined ? {} : { 'if-none-match': tag }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status === 304) return undefined;
    if (!response.ok || response.body === null) throw new Error(`it answers with status ${response.status}`);
    const file = join(folder, `${randomBytes(8).toString('hex')}.safetensors`);
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
    return { file, tag: response.headers.get('etag') ?? file };
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new SparseTrainError('DOWNLOAD_FAILED', `the model of ${url.href} cannot be fetched (${reason})`, {
      cause: error,
    });
  }
}
