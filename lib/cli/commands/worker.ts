import { availableParallelism } from 'node:os';
import { SparseTrainError } from '../../base/errors.js';
import { count, counted, seconds } from '../../base/numbers.js';
import { boolean, number, path, whole } from '../../base/options/kinds.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import { defineCommand } from '../command.js';
import { interruptible, THREADS_END } from '../interruption.js';
import { queueSetting } from '../settings/queue.js';
import type { Settings } from '../settings/setting.js';

/** Default limits of a trial: a network of about 1 GB, and one day. */
const MAX_EDGES = 100_000_000;
const MAX_SECONDS = 86_400;

/** 24 days: timers of Node cannot wait longer, and would go off at once. */
const LONGEST_SECONDS = 2_147_483;

const workerSettings = {
  queue: queueSetting,
  parallel: {
    flag: '--parallel',
    kind: whole(1, 256),
    description: 'trials that run at the same time, each on one thread',
  },
  dataDirectory: {
    flag: '--data-directory',
    kind: { ...path(), placeholder: '<folder>' },
    description:
      "the folder with the data set's files on this machine, if it is not one of the usual folders; files of studies are looked for in it, or in the current folder",
  },
  takeover: {
    flag: '--takeover',
    kind: number({ from: 1, to: 3600 }),
    description: 'seconds without a sign of life from a worker until its trials are given to others',
  },
  maxEdges: {
    flag: '--max-edges',
    kind: whole(1, 2 ** 40),
    description: 'refuse networks with more edges and neurons together',
  },
  maxSeconds: {
    flag: '--max-seconds',
    kind: number({ from: 1, to: LONGEST_SECONDS }),
    description: 'end trials that take longer, and count them as failed',
  },
  quiet: { flag: '--quiet', kind: boolean, description: 'print nothing but errors' },
} as const satisfies Settings;

export default defineCommand({
  description:
    'Takes trials of any search from the queue and trains them until Ctrl-C; trials that are running then go back to the queue. ' +
    'Workers may join and leave at any time, and leave trials that they cannot run to others. Each machine finds data sets by their names; the files must have the ' +
    'same bytes as on the machine that conducts the search.',
  options: { 'Worker:': workerSettings },
  defaults: {
    parallel: 'the number of cores',
    takeover: '30',
    maxEdges: count(MAX_EDGES),
    maxSeconds: count(MAX_SECONDS),
  },
  examples: ['sparse-train worker --queue redis://localhost:6379'],
  async run({ terminal, options }) {
    const { queue, parallel = availableParallelism(), takeover = 30, quiet = false } = options;
    if (queue === undefined)
      throw new SparseTrainError(
        'INVALID_OPTION',
        '--queue is missing; give the Redis server of the search, such as redis://localhost:6379',
      );
    const { serveQueue } = await import('../../search/queue/worker.js');
    const tally = { complete: 0, pruned: 0, failed: 0 };
    const onInterruption = () => {
      if (!quiet) terminal.note('stopping; running trials go back to the queue');
    };
    return interruptible(
      onInterruption,
      async (signal, interruption) => {
        const { dataDirectory: directory, maxEdges = MAX_EDGES, maxSeconds = MAX_SECONDS } = options;
        await serveQueue(queue, {
          parallel,
          takeover,
          directory,
          release: engineVersion(),
          maxEdges,
          maxSeconds,
          signal,
          onReady: () => {
            if (!quiet) terminal.note(`waiting for trials, ${counted(parallel, 'thread')}; Ctrl-C stops`);
          },
          onTrial: ({ number }, { state, seconds: took }) => {
            tally[state]++;
            if (!quiet) terminal.note(`trial ${number}: ${state} in ${seconds(took ?? 0)}`);
          },
          onRefusal: (study, reason) => {
            terminal.note(`left to other workers: study ${study}: ${reason}`);
          },
        });
        const { complete, pruned, failed } = tally;
        const text = () =>
          quiet
            ? ''
            : `  ${counted(complete + pruned + failed, 'trial')}: ${count(complete)} complete, ${count(pruned)} pruned, ${count(failed)} failed`;
        return { document: { queue, ...tally }, text, status: interruption() ?? 0 };
      },
      THREADS_END,
    );
  },
});
