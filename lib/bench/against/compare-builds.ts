import { SparseTrainError } from '../../base/errors.js';
import { packageFile } from '../../base/package.js';
import { JsonChild } from '../json-child.js';
import type { AgainstResult, AgainstRow, BuildFacts } from '../result.js';
import { mapSummary, rounded, summarise } from '../statistics.js';
import { type Build, findBuild } from './builds.js';
import { COMPARED_CASES, type ComparedCase } from './cases.js';
import type { Hello, SideReply, SideRequest } from './protocol.js';

export interface AgainstPlan {
  /** Few and short windows: a check that it works, not a result. */
  readonly quick: boolean;
  readonly onStep: (step: string) => void;
  readonly signal: AbortSignal;
  /** The cases; all of them unless given. */
  readonly cases?: readonly ComparedCase[];
}

/** Time limits for starting a process and for one answer, in milliseconds. */
const START_LIMIT = 60_000;
const REPLY_LIMIT = 120_000;

/** How a case is measured: the number of new networks, of windows with each, and of examples or calls in a window. */
interface Measurement {
  readonly networks: number;
  readonly windows: number;
  readonly size: number;
}

function measurementOf({ work }: ComparedCase, quick: boolean, stretches: boolean): Measurement {
  if (work === 'time-to-accuracy') return { networks: quick ? 1 : 6, windows: 1, size: 0 };
  if (work === 'train' && !stretches) return { networks: quick ? 1 : 6, windows: 1, size: 0 };
  if (work === 'predict-batch') return { networks: 1, windows: quick ? 2 : 100, size: 0 };
  return quick ? { networks: 1, windows: 2, size: 200 } : { networks: 3, windows: 40, size: 1500 };
}

/** The process of one build with one kernel set. */
interface Side {
  readonly hello: Hello;
  ask(request: SideRequest): Promise<SideReply>;
  close(): void;
}

/** Starts the process of a build, with its best kernel set unless `kernelSet` names another. */
async function startSide(build: Build, kernelSet: string | undefined): Promise<Side> {
  const env = { ...process.env, ...(kernelSet === undefined ? {} : { SPARSE_TRAIN_ISA: kernelSet }) };
  const child = new JsonChild(process.execPath, [packageFile('#bench-side'), build.entry], { env });
  try {
    const hello = (await child.next(START_LIMIT)) as Hello;
    return {
      hello,
      async ask(request) {
        const reply = (await child.ask(request, REPLY_LIMIT)) as SideReply;
        if (reply.error !== undefined) throw new Error(reply.error);
        return reply;
      },
      close: () => child.close(),
    };
  } catch (error) {
    child.close();
    const why = child.lastComplaint || (error as Error).message;
    throw new SparseTrainError('INVALID_OPTION', `the build in ${build.folder} does not start: ${why}`);
  }
}

/** Starts processes when they are first needed. */
class Pairs {
  readonly #builds: readonly [Build, Build];
  readonly #started = new Map<string | undefined, Promise<readonly [Side, Side]>>();

  constructor(here: Build, there: Build) {
    this.#builds = [here, there];
  }

  of(kernelSet: string | undefined): Promise<readonly [Side, Side]> {
    const [here, there] = this.#builds;
    const existing = this.#started.get(kernelSet);
    if (existing !== undefined) return existing;
    const pair = startPair(here, there, kernelSet);
    this.#started.set(kernelSet, pair);
    return pair;
  }

  async close(): Promise<void> {
    for (const result of await Promise.allSettled(this.#started.values())) {
      if (result.status === 'fulfilled') for (const side of result.value) side.close();
    }
  }
}

async function startPair(
  here: Build,
  there: Build,
  kernelSet: string | undefined,
): Promise<readonly [Side, Side]> {
  const first = await startSide(here, kernelSet);
  try {
    return [first, await startSide(there, kernelSet)];
  } catch (error) {
    first.close();
    throw error;
  }
}

/**
 * Measures two builds in turn, window after window, each in a process of its own.
 *
 * @param here - the folder of this build
 * @param there - the folder of the build to compare with
 * @throws SparseTrainError FILE_NOT_FOUND if there is no build in one of the folders, INVALID_OPTION if one does not start
 */
export async function compareBuilds(here: string, there: string, plan: AgainstPlan): Promise<AgainstResult> {
  const [own, other] = [findBuild(here), findBuild(there)];
  const pairs = new Pairs(own, other);
  const rows: AgainstRow[] = [];
  try {
    await pairs.of(undefined);
    for (const task of plan.cases ?? COMPARED_CASES) {
      plan.signal.throwIfAborted();
      rows.push(await measureCase(task, pairs, plan));
    }
  } finally {
    await pairs.close();
  }
  return { here: factsOf(own), there: factsOf(other), rows };
}

function factsOf({ folder, version, commit }: Build): BuildFacts {
  return { folder, version, ...(commit === undefined ? {} : { commit }) };
}

/** A case that one of the builds cannot do gives a row that says why. */
async function measureCase(task: ComparedCase, pairs: Pairs, plan: AgainstPlan): Promise<AgainstRow> {
  const { name, work } = task;
  const unit = { train: 'example', learn: 'call', predict: 'call', 'predict-batch': 'image' } as const;
  const facts = { name, unit: work === 'time-to-accuracy' ? ('training' as const) : unit[work] };
  try {
    const pair = await pairs.of(task.kernelSet);
    return { ...facts, ...(await measurePair(task, pair, plan)) };
  } catch (error) {
    plan.signal.throwIfAborted();
    return { ...facts, failure: (error as Error).message };
  }
}

async function measurePair(task: ComparedCase, pair: readonly [Side, Side], plan: AgainstPlan) {
  const stretches = pair.every(({ hello }) => hello.stretches);
  const { networks, windows, size } = measurementOf(task, plan.quick, stretches);
  const times: [number[], number[]] = [[], []];
  const accuracies: number[] = [];
  let sameBits = true;
  for (let seed = 1; seed <= networks; seed++) {
    plan.onStep(`${task.name}: network ${seed} of ${networks}`);
    for (const side of pair) await side.ask({ ask: 'prepare', task, seed, stretches });
    for (let window = 0; window < windows; window++) {
      plan.signal.throwIfAborted();
      // The builds swap places after each window, because the machine may be in another state for the second one.
      for (const index of window % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const { microseconds, accuracy } = await (pair[index] as Side).ask({ ask: 'measure', size });
        if (microseconds === undefined) throw new Error('an answer lacks its time');
        times[index].push(microseconds);
        if (accuracy !== undefined) accuracies.push(accuracy);
      }
    }
    const [ours, theirs] = [await digestOf(pair[0]), await digestOf(pair[1])];
    sameBits &&= ours === theirs;
  }
  const [here, there] = [summarise(times[0]), summarise(times[1])];
  return {
    here: mapSummary(here, rounded),
    there: mapSummary(there, rounded),
    best: rounded(there.min / here.min, 4),
    median: rounded(there.median / here.median, 4),
    sameBits,
    ...(accuracies.length === 0 ? {} : { leastAccuracy: Math.min(...accuracies) }),
  };
}

async function digestOf(side: Side): Promise<string> {
  const { digest } = await side.ask({ ask: 'digest' });
  if (digest === undefined) throw new Error('an answer lacks the digest');
  return digest;
}
