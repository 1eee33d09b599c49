import { basename } from 'node:path';
import { nearest, SparseTrainError, seenFrom, shortened } from '../../base/errors.js';
import { writeText } from '../../base/files/write-text.js';
import { count, counted, percent } from '../../base/numbers.js';
import { boolean, oneOf, path, text } from '../../base/options/kinds.js';
import { optionName, say } from '../../base/wording.js';
import { columnKindsKind } from '../../data/column-kinds.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import { AUTO_CLASSES } from '../../formats/csv/decide-column.js';
import { type NamedRow, type NamedRows, openNamedRows } from '../../formats/named-rows.js';
import { peekedSource, sourceAt } from '../../formats/source.js';
import { LEARNER_FORMAT } from '../../network/model-file/metadata.js';
import type { TargetKind, TargetValue } from '../../online/head.js';
import { Learner } from '../../online/learner.js';
import { LEARNER, type LearnerOptions } from '../../online/options.js';
import { type StreamRow, StreamRun } from '../../online/stream-run.js';
import { streamReport } from '../../report/html/stream-report.js';
import { streamText } from '../../terminal/stream-text.js';
import { defineCommand } from '../command.js';
import { interruptible } from '../interruption.js';
import { LiveLines } from '../live-lines.js';
import { checkModelOutput } from '../model-file.js';
import { checkReportOutput } from '../report/output.js';
import { csvFormatOptions, csvFormatSettings } from '../settings/data.js';
import { flagsOf, type Settings } from '../settings/setting.js';

const streamSettings = {
  label: {
    flag: '--label',
    kind: text('<column>'),
    description: 'the column to predict; by default the last one of CSV and Parquet, otherwise "label"',
  },
  task: {
    flag: '--task',
    kind: {
      ...oneOf(['auto', 'classify', 'regress']),
      // The API calls the kinds of target otherwise.
      toText: (value) => ({ class: 'classify', number: 'regress' })[String(value)] ?? String(value),
    },
    description: 'classify (a class), regress (a number) or auto (decided by the first labels; the default)',
    option: 'target',
  },
  column: {
    flag: '--column',
    kind: columnKindsKind,
    description: 'kinds of columns whose values do not show it: number, category, text, date or ignore',
    option: 'schema',
  },
  onBad: {
    flag: '--on-bad',
    kind: oneOf(['error', 'skip'], '<action>'),
    description:
      'a row that cannot be read or has no label: end with an error (what was learned is kept), or skip it',
  },
} as const satisfies Settings;

const outSettings = {
  from: {
    flag: '--from',
    kind: path(),
    description: 'a learner to continue with, as --out wrote it; it keeps the options that it was made with',
  },
  out: { flag: '--out', kind: path(), description: 'the file for the learner', oldFlags: ['--output'] },
  report: {
    flag: '--report',
    kind: path(),
    description: 'a web page to write, with curves and changes of the stream',
  },
  force: {
    flag: '--force',
    kind: boolean,
    description: 'replace an existing file even if sparse-train did not write it',
  },
  compare: {
    flag: '--compare',
    kind: boolean,
    description:
      'score simple rules on the same rows: the label before, and the most frequent one or the mean',
  },
  quiet: { flag: '--quiet', kind: boolean, description: 'no progress and no summary, only errors' },
} as const satisfies Settings;

/** Options that decide how a learner is made; one that is read from a file has been made. */
const makingSettings: Settings = {
  task: streamSettings.task,
  column: streamSettings.column,
  ...flagsOf(LEARNER),
};

/** Rows whose labels decide the task. */
const LOOKED_AT = 1000;

export default defineCommand({
  description:
    'Each row is predicted first, then learned, so the scores are those of a model in use: no part is set aside. Rows are ' +
    'CSV, JSON lines or Parquet of any length, or standard input. Columns may be numbers, categories, texts or dates; ' +
    'values may be missing, and new classes may appear at any time. Nothing has to be known before the first row.',
  arguments: [{ name: 'file', description: 'a file, or - for standard input' }],
  options: {
    'Rows:': { ...streamSettings, ...csvFormatSettings },
    'Learning:': flagsOf(LEARNER),
    'Results:': outSettings,
  },
  defaults: { onBad: 'error' },
  examples: [
    'sparse-train stream electricity.csv --label class --compare',
    'tail -f clicks.ndjson | sparse-train stream - --label clicked --out live.safetensors',
    'sparse-train stream rides.parquet --label fare --task regress --report rides.html --json',
  ],
  async run({ terminal, words: [file], options }) {
    const name = file === '-' ? 'standard input' : basename(file as string);
    const { out, report, force = false } = options;
    refuseWithFrom(options);
    if (out !== undefined) await checkModelOutput(out, force, LEARNER_FORMAT);
    if (report !== undefined) await checkReportOutput(report, force, '--report');
    const source =
      file === '-' ? await peekedSource(terminal.streams.stdin, name) : await sourceAt(file as string);
    const rows = await openNamedRows(source, csvFormatOptions(options));
    const label = labelOf(rows, options.label, name);
    const { from, task, column, compare = false, quiet = false } = options;
    const skips = options.onBad === 'skip';
    const { seed, hidden, window: size, onDrift, maxNames, maxClasses } = options;
    const schema = column;
    const learning: LearnerOptions = { seed, hidden, schema, window: size, onDrift, maxNames, maxClasses };
    const begun = performance.now();
    const live = quiet || options.json ? undefined : LiveLines.on(terminal.streams.stderr);
    let run: StreamRun | undefined;
    let skipped = 0;
    let failure: unknown;
    const status = await interruptible(
      () =>
        terminal.note(
          `stopping after the rows that have arrived${out === undefined ? '' : `; the learner goes to ${out}`}`,
        ),
      async (signal, interruption) => {
        try {
          for await (const batch of untilAborted(rows.batches(), signal)) {
            run ??= await begin(batch, {
              file: name,
              names: rows.names,
              label,
              task,
              from,
              compare,
              options: learning,
            });
            const taken = takeRows(batch, label, rows.unit, name, skips);
            skipped += taken.skipped + learn(run, taken.rows, rows.unit, name, skips);
            if (taken.failure !== undefined) throw taken.failure;
            showProgress(live, run, begun);
          }
        } catch (error) {
          failure = error;
        } finally {
          live?.close();
        }
        return interruption();
      },
    );
    if (run === undefined) throw failure ?? new SparseTrainError('INVALID_DATA', `${name} has no rows`);
    const seconds = (performance.now() - begun) / 1000;
    if (out !== undefined && run.learner.rows > 0) await run.learner.save(out);
    if (failure !== undefined) {
      if (run.learner.rows > 0) terminal.note(kept(run.learner.rows, out));
      throw failure;
    }
    const metrics = run.learner.metrics();
    const {
      drifts: [drifts = []],
      names,
      columns,
      bytes,
      kernelSet,
    } = run.learner.inspect();
    const result = {
      rows: run.learner.rows,
      skipped,
      metrics,
      windows: run.windows,
      drifts: drifts.map(({ row }) => row),
      baselines: run.baselines,
      rowsPerSecond: run.learner.rows / seconds,
      names,
      columns: columns.length,
      bytes,
      digest: run.learner.digest(),
      out,
    };
    if (report !== undefined)
      await writeText(report, await streamReport(name, { label, ...result }, engineVersion()), '--report');
    const { metrics: _metrics, baselines, ...facts } = result;
    const { kind, window, ...scores } = metrics;
    const document = {
      data: file,
      label,
      target: kind,
      ...scores,
      window,
      ...facts,
      isa: kernelSet,
      report,
      ...(compare
        ? {
            baselines: Object.fromEntries(
              baselines.map(({ name: rule, metrics: { window: _w, ...one } }) => [rule, one]),
            ),
          }
        : {}),
    };
    return {
      document,
      text: () => (quiet ? '' : streamText(`${name}: ${label}`, result, terminal)),
      ...(status === undefined ? {} : { status }),
    };
  },
});

/** @throws SparseTrainError INVALID_OPTION for an option that would be ignored */
function refuseWithFrom(options: { readonly from?: string | undefined }): void {
  if (options.from === undefined) return;
  for (const [name, { flag }] of Object.entries(makingSettings)) {
    if (options[name as keyof typeof options] === undefined) continue;
    throw new SparseTrainError('INVALID_OPTION', {
      option: name,
      says: `${flag} has no meaning with --from: a learner keeps the options that it was made with`,
      advice: 'leave it out',
    });
  }
}

function labelOf({ names }: NamedRows, given: string | undefined, file: string): string {
  if (names === undefined) return given ?? 'label';
  if (given === undefined) return names.at(-1) as string;
  if (names.includes(given)) return given;
  const near = nearest(given, names);
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'label',
    says: `${file} has no column "${given}"`,
    advice:
      near === undefined ? `its columns are ${names.slice(0, 20).join(', ')}` : `did you mean "${near}"?`,
  });
}

/** Makes the learner, or reads it. */
async function begin(
  first: readonly NamedRow[],
  {
    file,
    names,
    label,
    task,
    from,
    compare,
    options,
  }: {
    file: string;
    names: readonly string[] | undefined;
    label: string;
    task: string | undefined;
    from: string | undefined;
    compare: boolean;
    options: LearnerOptions;
  },
): Promise<StreamRun> {
  if (from !== undefined) {
    const learner = await Learner.load<object, TargetKind>(from);
    const { kind } = learner.metrics();
    const { columns, window } = learner.inspect();
    const given = names ?? [...new Set(first.flatMap(({ values }) => Object.keys(values)))];
    checkKnown(
      columns.map(({ name }) => name),
      given,
      label,
      file,
    );
    return new StreamRun(learner, kind, window, compare);
  }
  const labels = first.slice(0, LOOKED_AT).map(({ values }) => values[label]);
  const target: TargetKind =
    task === 'regress' || (task !== 'classify' && areNumbers(labels)) ? 'number' : 'class';
  const learner = new Learner<object, TargetKind>({ ...options, target });
  return new StreamRun(learner, target, options.window ?? LEARNER.window.default, compare);
}

/**
 * Checks that rows are those of a learner. New columns may come at any time, and others may end, but not all at once, nor
 * under another spelling; and the label is not what the learner predicts from.
 *
 * @param known - the learner's columns; those of nested objects with dots between their names
 * @throws SparseTrainError INVALID_DATA
 */
function checkKnown(known: readonly string[], given: readonly string[], label: string, file: string): void {
  if (known.includes(label))
    throw new SparseTrainError('INVALID_DATA', {
      says: `${file}: the learner predicts from "${shortened(label)}", which would be the label here`,
      advice: say`name the column to predict with ${optionName('label')}`,
    });
  const top = new Set(known.map((name) => name.split('.', 1)[0] as string));
  const inputs = given.filter((name) => name !== label);
  const added = inputs.filter((name) => !top.has(name) && !known.includes(name));
  const gone = [...top].filter((name) => !given.includes(name));
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');
  const missing = gone.find((name) => added.some((other) => plain(other) === plain(name))) ?? gone[0];
  if (missing === undefined || inputs.length === 0) return;
  const same = added.find((other) => plain(other) === plain(missing));
  if (same === undefined && gone.length < top.size) return;
  const near = same ?? nearest(missing, added);
  throw new SparseTrainError('INVALID_DATA', {
    says: `${file} has no column "${shortened(missing)}", which the learner knows`,
    advice:
      near === undefined
        ? `its columns are ${inputs
            .slice(0, 20)
            .map((name) => shortened(name))
            .join(', ')}`
        : `is it "${shortened(near)}"?`,
  });
}

function areNumbers(labels: readonly unknown[]): boolean {
  const known = labels.filter((value) => value !== undefined && value !== null);
  if (known.length === 0 || !known.every((value) => typeof value === 'number')) return false;
  return known.some((value) => !Number.isInteger(value)) || new Set(known).size > AUTO_CLASSES;
}

/** Splits rows into what is known and the truth. */
function takeRows(
  rows: readonly NamedRow[],
  label: string,
  unit: string,
  file: string,
  skips: boolean,
): { rows: StreamRow[]; skipped: number; failure: unknown } {
  const taken: StreamRow[] = [];
  let skipped = 0;
  for (const { place, values, problem } of rows) {
    if (problem !== undefined) {
      if (!skips) return { rows: taken, skipped, failure: problem };
      skipped++;
      continue;
    }
    const { [label]: truth, ...row } = values;
    if (truth === undefined || truth === null) {
      if (!skips) {
        const failure = new SparseTrainError('INVALID_DATA', {
          says: `${file}: ${unit} ${place} has no value of "${label}"`,
          advice: 'leave such rows out, or say --on-bad skip',
        });
        return { rows: taken, skipped, failure };
      }
      skipped++;
      continue;
    }
    taken.push({ place, row, truth: truth as TargetValue });
  }
  return { rows: taken, skipped, failure: undefined };
}

/** Learns rows, and returns how many were skipped. */
function learn(
  run: StreamRun,
  rows: readonly StreamRow[],
  unit: string,
  file: string,
  skips: boolean,
): number {
  let skipped = 0;
  for (let next = 0; next < rows.length; ) {
    const before = run.learner.rows;
    try {
      run.learn(rows.slice(next), unit);
      return skipped;
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      if (!skips) throw seenFrom(`${file}: `, error);
      skipped++;
      next += run.learner.rows - before + 1;
    }
  }
  return skipped;
}

function kept(rows: number, out: string | undefined): string {
  const all = counted(rows, 'row');
  return out === undefined
    ? `${all} had been learned; with --out FILE they are kept`
    : `${all} had been learned; they are in ${out}`;
}

function showProgress(live: LiveLines | undefined, { learner }: StreamRun, begun: number): void {
  live?.show(() => {
    const rate = learner.rows / ((performance.now() - begun) / 1000);
    const metrics = learner.metrics();
    const score =
      metrics.kind === 'class'
        ? `${percent(metrics.window.accuracy)} of the latest rows right`
        : `R² of the latest rows ${metrics.window.r2.toFixed(3)}`;
    return [`${count(learner.rows)} rows  ${score}  ${count(Math.round(rate))} rows/s`];
  });
}

/** The batches until a signal is aborted; a batch that is waited for is left. */
async function* untilAborted(
  batches: AsyncGenerator<NamedRow[], void, void>,
  signal: AbortSignal,
): AsyncGenerator<NamedRow[], void, void> {
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  for (;;) {
    const next = await Promise.race([batches.next(), aborted]);
    if (next === 'aborted' || next.done) break;
    yield next.value;
  }
  // Not awaited: a pipe that stays open would never answer.
  if (signal.aborted) void batches.return?.().catch(() => undefined);
}
