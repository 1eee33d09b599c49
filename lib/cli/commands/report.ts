import { basename } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { writeText } from '../../base/files/write-text.js';
import { bytes, counted } from '../../base/numbers.js';
import { boolean, path, text, whole } from '../../base/options/kinds.js';
import { render } from '../../base/wording.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import { runReport } from '../../report/html/run-report.js';
import { achievementName, achievementOf, edgesOf, resultOf } from '../../report/html/sections/overview.js';
import type { ReportedStudy } from '../../report/html/study-report.js';
import { MOST_RUNS } from '../../report/options.js';
import { type GatherOptions, gatherRuns, type NamedData, withUniqueNames } from '../../report/runs/gather.js';
import type { ReportedRun } from '../../report/runs/reported-run.js';
import type { Network } from '../../training/network.js';
import { defineCommand, type Outcome } from '../command.js';
import { loadTestData } from '../data/load.js';
import { checkReportOutput } from '../report/output.js';
import { dataOrReason } from '../report/run-data.js';
import { runFiles } from '../report/run-files.js';
import { journalStudy, writeStudyReport } from '../report/study.js';
import {
  csvFormatSettings,
  csvLabelSettings,
  csvRowSettings,
  type DataValues,
  dataSettings,
} from '../settings/data.js';
import { commandSpelling, type Values } from '../settings/setting.js';
import { trainingSettings } from '../settings/training.js';
import type { Terminal } from '../terminal.js';

const EXAMPLES = 24;

const reportSettings = {
  out: { flag: '--out', kind: path(), description: 'the file to write', oldFlags: ['--output'] },
  title: { flag: '--title', kind: text('<text>'), description: 'its heading' },
  all: { flag: '--all', kind: boolean, description: 'all runs of each run log, not only the last' },
  examples: {
    flag: '--examples',
    kind: whole(0, 1000),
    description: 'the number of worst examples to show',
  },
  force: {
    flag: '--force',
    kind: boolean,
    description: 'replace an existing file even if it is not a report of sparse-train',
  },
} as const;

const csvSettings = { ...csvLabelSettings, ...csvRowSettings, ...csvFormatSettings };

export default defineCommand({
  description:
    'Learning curves, confusion matrix, the worst examples, edges and weights of each junction, saturation, number ' +
    'formats, the machine and the command to reproduce the run; several runs are shown side by side. The page is a single file: it needs ' +
    'no server and no network. A run is a run log or a model; the other one is looked for beside it, under the same name. ' +
    'Examples come from the data that the run log names, if they are still there, or from --data.',
  arguments: [
    {
      name: 'run...',
      description: 'run logs (.jsonl) or models (.safetensors) of train or mnist; or the journal of a search',
    },
  ],
  options: {
    'Report:': reportSettings,
    'Data:': dataSettings,
    'CSV files:': csvSettings,
    'Computing:': { threads: trainingSettings.threads },
  },
  defaults: {
    out: 'the first run, with .html',
    title: 'the name of the run',
    examples: String(EXAMPLES),
    data: 'the data that the run was measured on',
    threads: 'auto',
  },
  examples: [
    'sparse-train report sparse-train-mnist.jsonl',
    'sparse-train report dense.jsonl tenth.jsonl hundredth.jsonl --out densities.html',
    'sparse-train report search-width.jsonl',
    'sparse-train report penguins.safetensors --data more-penguins.csv',
  ],
  async run({ terminal, rest, options }) {
    const study = rest.length === 1 ? await journalStudy(rest[0] as string) : undefined;
    if (study !== undefined) return reportStudy(study, rest[0] as string, options);
    const files = await Promise.all(rest.map(runFiles));
    const { out = `${files[0]?.name}.html`, threads = 'auto', examples = EXAMPLES } = options;
    await checkReportOutput(out, options.force ?? false);
    const source = options.data ?? options.images;
    const given =
      source === undefined && options.labels === undefined
        ? undefined
        : (network: Network) => givenData(options, basename(source ?? ''), network, terminal);
    const runs: ReportedRun[] = [];
    // Loads runs one at a time, because each may hold a data set.
    for (const run of files) {
      const data: GatherOptions['data'] = (network, logged) =>
        given === undefined ? dataOrReason(logged, run.log) : given(network);
      runs.push(...(await gatherRuns(run, { all: options.all ?? false, data, examples, threads })));
    }
    if (runs.length > MOST_RUNS) {
      const message = `a report shows at most ${MOST_RUNS} runs, but these are ${runs.length}; leave some out`;
      throw new SparseTrainError('INVALID_OPTION', message);
    }
    const named = withUniqueNames(runs);
    const title = options.title ?? named.map(({ name }) => name).join(', ');
    const page = await runReport(title, named, engineVersion());
    await writeText(out, page, '--out');
    const size = Buffer.byteLength(page);
    return {
      document: { report: out, bytes: size, runs: named.map(summary) },
      text: () => ['', `  report        ${out} (${bytes(size)})`, ...named.map(line)].join('\n'),
    };
  },
});

/** Studies have their own kind of page. */
async function reportStudy(
  study: ReportedStudy,
  journal: string,
  { out = `${basename(journal, '.jsonl')}.html`, title, force = false }: Values<typeof reportSettings>,
): Promise<Outcome> {
  await checkReportOutput(out, force);
  const size = await writeStudyReport({ ...study, name: title ?? study.name }, out, '--out');
  const trials = study.trials.length;
  return {
    document: { report: out, bytes: size, study: study.name, trials },
    text: () => `  report        ${out} (${bytes(size)}): ${counted(trials, 'trial')} of ${study.name}`,
  };
}

async function givenData(
  values: DataValues,
  name: string,
  network: Network,
  terminal: Terminal,
): Promise<NamedData> {
  const { dataset, skipped, remarks } = await loadTestData(values, network);
  for (const remark of remarks) terminal.note(render(remark, commandSpelling(csvSettings)));
  if (skipped > 0) terminal.note(`left out: ${counted(skipped, 'row')} with missing or unknown values`);
  return { name: `examples of ${name}`, data: dataset };
}

function summary(run: ReportedRun): object {
  const { metrics, on } = resultOf(run) ?? {};
  const { edges, dense } = edgesOf(run) ?? {};
  return {
    name: run.name,
    run: run.logged?.start.run ?? null,
    epochs: run.logged?.epochs.length ?? null,
    model: run.model?.file ?? null,
    digest: run.model?.digest ?? run.logged?.end?.digest ?? null,
    edges: edges ?? null,
    denseEdges: dense ?? null,
    on: on ?? null,
    loss: metrics?.loss ?? null,
    accuracy: metrics === undefined || metrics.kind === 'regression' ? null : metrics.accuracy,
    rmse: metrics?.kind === 'regression' ? metrics.rmse : null,
    worst: run.tested?.worst.map(({ row, truth, said }) => ({ row, truth, said })) ?? null,
    remarks: run.remarks,
  };
}

function line(run: ReportedRun): string {
  const result = resultOf(run);
  const reached =
    result === undefined
      ? ''
      : `: ${achievementName(result.metrics)} ${achievementOf(result.metrics)} on ${result.on}`;
  return [`  ${run.name}${reached}`, ...run.remarks.map((remark) => `    ${remark}`)].join('\n');
}
