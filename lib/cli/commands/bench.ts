import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { boolean, listOf, oneOf, path, whole } from '../../base/options/kinds.js';
import { packageFile } from '../../base/package.js';
import { resultsFolder } from '../../bench/baselines/places.js';
import { BASELINE_NAMES } from '../../bench/baselines/registry.js';
import type { BenchPlan, Recipe } from '../../bench/plan.js';
import type { BenchResult } from '../../bench/result.js';
import { readResultFiles } from '../../bench/result-files.js';
import { PARTS, type Part, runBench, USUAL_PARTS } from '../../bench/run.js';
import { MAX_THREADS } from '../../engine/limits.js';
import { benchmarkPage } from '../../terminal/bench/page.js';
import { rooflineSvg, withRoofline } from '../../terminal/bench/roofline.js';
import { benchText } from '../../terminal/bench/text.js';
import { defineCommand } from '../command.js';
import { interruptible } from '../interruption.js';
import { mnistValues } from '../presets.js';
import { networkOptions } from '../settings/network.js';
import type { Settings, Values } from '../settings/setting.js';
import { refuseSoakSettings, soakPlan, soakSettings } from '../settings/soak.js';
import { fitOptions } from '../settings/training.js';
import type { Terminal } from '../terminal.js';

const WORDS = [...PARTS, 'all', 'report'] as const;

const benchSettings = {
  baseline: {
    flag: '--baseline',
    kind: listOf(oneOf([...BASELINE_NAMES, 'all', 'none']), { least: 1, placeholder: '<names>' }),
    description: `what to compare with: ${BASELINE_NAMES.join(', ')}, all or none`,
  },
  threads: {
    flag: '--threads',
    kind: whole(1, MAX_THREADS),
    description: 'measure with 1 thread and with this many',
  },
  against: {
    flag: '--against',
    kind: path(),
    description:
      'with online: another build of this package (a checkout or an installed one); rounds alternate between the two',
  },
  quick: {
    flag: '--quick',
    kind: boolean,
    description: 'few sizes and short measurements: shows that the benchmark works, not how fast anything is',
  },
} as const satisfies Settings;

const fileSettings = {
  out: {
    flag: '--out',
    oldFlags: ['--output'],
    kind: path(),
    description:
      'write the report as Markdown, and the roofline beside it (lab/kernels.md, images/roofline.svg)',
  },
  jsonOut: {
    flag: '--json-out',
    kind: path(),
    description: 'write the results as JSON',
    oldFlags: ['--json-output'],
  },
  results: {
    flag: '--results',
    kind: path(),
    description: 'a folder with results from other machines, mainly GPUs',
  },
} as const satisfies Settings;

type BenchValues = Values<typeof benchSettings & typeof fileSettings & typeof soakSettings>;

/** The settings that reach 97 % on MNIST soonest, as far as they differ from the defaults. */
const FAST: Parameters<typeof mnistValues>[0] = {
  layers: [320],
  density: [0.0817, 1],
  pattern: ['local', 'dense'],
  epochs: 1,
  learningRate: 0.07,
};

/** How often everything is measured; rounds alternate between the things compared. */
const ROUNDS = 5;
/** Seconds for measuring a baseline in each round. */
const SLICE = 0.5;

export default defineCommand({
  description:
    'online: training one example after another, by network, kernel set and threads\n' +
    'predict: images per second      learn: calls of learn() and predict() from JavaScript\n' +
    'time-to-accuracy: seconds of training to 97 % on MNIST\n' +
    "kernels: each operation against this CPU's own limits      batch: mini-batches      memory: peak size of sparse-train mnist\n" +
    'all: everything above      report: writes the report again from result files, without measuring\n' +
    'soak: learn() and predict() for as long as --duration says: memory and latency over time, results compared with a second engine\n\n' +
    'Rounds alternate between the things compared. Baselines that are not installed are listed with the command that installs them.\n' +
    'Measure on an idle machine.',
  arguments: [{ name: 'what', description: WORDS.join(', '), completes: { words: WORDS } }],
  options: { 'Measurement:': benchSettings, 'Files:': fileSettings, 'Long runs (soak):': soakSettings },
  defaults: {
    baseline: 'all; none with --quick',
    threads: '1, 2 and all cores',
    results: 'scripts/baselines/results of this package',
    duration: '1m',
    rate: 'as many as possible',
    check: 'other, the best that the first engine does not use',
    layers: 'as in sparse-train mnist, also for the options below',
  },
  examples: [
    'sparse-train bench online',
    'sparse-train bench online --against ../other-checkout',
    'sparse-train bench time-to-accuracy --baseline pytorch-cpu',
    'sparse-train bench all --out docs/benchmarks.md --json-out scripts/baselines/results/sparse-train-epyc.json',
    'sparse-train bench soak --duration 30m --rate 1000 --json-out soak.json',
    'sparse-train bench report --out docs/benchmarks.md',
  ],
  async run({ terminal, words, options }) {
    const what = oneOf(WORDS).check('what', words[0]);
    if (what !== 'soak') refuseSoakSettings(options, what);
    const { against } = options;
    if (against !== undefined && what !== 'online' && what !== 'all') {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `--against works with "bench online" and "bench all", not with ${what}`,
      );
    }
    const folder = options.results ?? resultsFolder();
    const { own, baselines } = readResultFiles(folder);
    if (what === 'report') {
      const newest = own[0]?.document;
      if (newest === undefined) {
        const advice = 'measure first: sparse-train bench all --json-out FILE';
        throw new SparseTrainError('FILE_NOT_FOUND', `${folder} holds no results of sparse-train; ${advice}`);
      }
      if (options.out !== undefined) await writeReport(options.out, newest, folder);
      return { document: newest, text: () => benchText(newest, baselines, terminal) };
    }
    const parts = partsOf(what, against !== undefined);
    const status = new StatusLine(terminal);
    return interruptible(
      () => status.close(),
      async (signal, interruption) => {
        try {
          const plan = planOf(options, (step) => status.show(step), signal);
          const program = packageFile('#cli');
          const result = await runBench(plan, parts, { program, results: folder });
          status.close();
          if (options.jsonOut !== undefined) {
            await writeWhole(options.jsonOut, `${JSON.stringify(result, null, 1)}\n`);
          }
          if (options.out !== undefined) await writeReport(options.out, result, folder);
          const differs =
            (result.soak?.check?.differsAt ?? null) !== null ||
            result.against?.rows.some(({ sameBits }) => sameBits === false) === true;
          return {
            document: result,
            text: () => benchText(result, baselines, terminal),
            status: differs ? 1 : (interruption() ?? 0),
          };
        } catch (error) {
          const stopped = interruption();
          if (stopped !== undefined) return stopped;
          throw error;
        } finally {
          status.close();
        }
      },
    );
  },
});

/** A comparison of builds replaces the other measurements of `online`, and is added to those of `all`. */
function partsOf(what: Part | 'all', compares: boolean): readonly Part[] {
  if (what === 'all') return compares ? [...USUAL_PARTS, 'against'] : USUAL_PARTS;
  return compares ? ['against'] : [what];
}

function planOf(options: BenchValues, onStep: (step: string) => void, signal: AbortSignal): BenchPlan {
  const { quick = false, baseline = [quick ? 'none' : 'all'] } = options;
  if (baseline.includes('none') && baseline.length > 1) {
    throw new SparseTrainError('INVALID_OPTION', '--baseline none cannot be combined with other baselines');
  }
  const named = BASELINE_NAMES.filter((name) => baseline.includes(name) || baseline.includes('all'));
  const cores = availableParallelism();
  const counts = options.threads === undefined ? [1, Math.min(2, cores), cores] : [1, options.threads];
  return {
    quick,
    threads: [...new Set(counts)].sort((a, b) => a - b),
    mnist: recipe('mnist', {}),
    fast: recipe('fast', FAST),
    baselines: named,
    rounds: quick ? 1 : ROUNDS,
    slice: quick ? 0.02 : SLICE,
    against: options.against,
    soak: soakPlan(options, quick),
    onStep,
    signal,
  };
}

/** The preset, with the settings of this benchmark in place of some of its own. */
function recipe(name: string, given: Parameters<typeof mnistValues>[0]): Recipe {
  const values = mnistValues(given);
  const network = networkOptions(values, [784, ...(values.layers ?? []), 10]);
  const { epochs = 1, learningRate = 0.02 } = fitOptions(values, network);
  return { name, network, epochs, learningRate };
}

/** Writes the report, and the roofline if kernels were measured. */
async function writeReport(file: string, result: BenchResult, folder: string): Promise<void> {
  await writeWhole(file, benchmarkPage(result, readResultFiles(folder).baselines));
  if (result.kernels === undefined) return;
  const kernels = join(dirname(file), 'lab', 'kernels.md');
  const picture = join(dirname(file), 'images', 'roofline.svg');
  await writeWhole(picture, rooflineSvg(result));
  const page = await readFile(kernels, 'utf8').catch(() => '');
  await writeWhole(
    kernels,
    withRoofline(page, result, relative(dirname(kernels), picture).replaceAll('\\', '/')),
  );
}

async function writeWhole(file: string, text: string): Promise<void> {
  await makeFolder(dirname(file));
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SparseTrainError('FILE_ACCESS', `${file} cannot be written (${code ?? String(error)})`, {
      cause: error,
    });
  }
}

/**
 * Shows what is being measured on a single line of standard error, which is overwritten; prints nothing if
 * standard error is not a terminal.
 */
class StatusLine {
  readonly #stream: Terminal['streams']['stderr'];

  constructor({ streams }: Terminal) {
    this.#stream = streams.stderr;
  }

  show(step: string): void {
    if (this.#stream.isTTY)
      this.#stream.write(`\r\u001b[2K${step.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  close(): void {
    this.show('');
  }
}
