import { basename } from 'node:path';
import { boolean, path, whole } from '../../base/options/kinds.js';
import { reportedPlan } from '../../report/html/study-report.js';
import { readDefinition } from '../../search/definition/read.js';
import { createStudy, runStudy } from '../../search/index.js';
import type { Study } from '../../search/study.js';
import { type StudyResult, studyText } from '../../terminal/study-text.js';
import { defineCommand } from '../command.js';
import { interruptible, THREADS_END } from '../interruption.js';
import { checkReportOutput } from '../report/output.js';
import { writeStudyReport } from '../report/study.js';
import { queueSetting } from '../settings/queue.js';
import type { Settings } from '../settings/setting.js';
import { StudyBars } from '../study-bars.js';

const searchSettings = {
  journal: {
    flag: '--journal',
    kind: path(),
    description: 'the file of the study, JSON lines; an existing study is resumed',
  },
  trials: {
    flag: '--trials',
    kind: whole(1, 10_000_000),
    description: "the total number of trials, instead of the study's own; trials that have ended count too",
  },
  repeats: {
    flag: '--repeats',
    kind: whole(1, 1000),
    description:
      "trainings of each trial, with different seeds, instead of the study's own number; their means count",
  },
  parallel: {
    flag: '--parallel',
    kind: whole(1, 256),
    description: 'trials that run at the same time, each on one thread',
  },
  report: {
    flag: '--report',
    kind: path(),
    description:
      'also write an HTML page about the study; sparse-train report can make it later, or while the study runs',
  },
  queue: queueSetting,
  quiet: { flag: '--quiet', kind: boolean, description: 'no progress and no summary, only errors' },
} as const satisfies Settings;

export default defineCommand({
  description:
    'STUDY is a TOML or JSON file: a space of parameters, a network with "$name" where their values go, one or ' +
    'several objectives, a sampler and a pruner (docs/search.md; examples/search-width.toml). Every trial is a training ' +
    'run that its parameters and seed make repeatable. Ctrl-C stops; the same command resumes the search, and ' +
    'no trial that has ended is run again. With --queue, trials run on machines that call sparse-train worker.',
  arguments: [{ name: 'study', description: 'a TOML or JSON file that describes the study' }],
  options: { 'Search:': searchSettings },
  defaults: {
    journal: 'the name of the study, with .jsonl, in the current folder',
    trials: "the study's, or 100",
    repeats: "the study's, or 1",
    parallel: 'the number of cores',
  },
  examples: [
    'sparse-train search examples/search-width.toml',
    'sparse-train search examples/search-width.toml --trials 40 --json',
    'sparse-train search examples/search-width.toml --queue redis://localhost:6379',
  ],
  async run({ terminal, words, options }) {
    const file = words[0] as string;
    const name = basename(file).replace(/\.\w+$/, '');
    const { journal = `${name}.jsonl`, trials, repeats, parallel, queue, report, quiet = false } = options;
    if (report !== undefined) await checkReportOutput(report, false);
    const definition = await readDefinition(file);
    const study = await createStudy(
      {
        name,
        ...definition,
        ...(trials === undefined ? {} : { trials }),
        ...(repeats === undefined ? {} : { repeats }),
      },
      { journal },
    );
    if (!quiet) for (const remark of study.remarks) terminal.note(remark);
    const begun = performance.now();
    try {
      const bars = new StudyBars(terminal, study, quiet);
      const onInterruption = () => {
        bars.close();
        if (!quiet)
          terminal.note(
            `stopping; the same command resumes from ${journal}; press Ctrl-C again to quit at once`,
          );
      };
      return await interruptible(
        onInterruption,
        async (signal, interruption) => {
          await runStudy(study, { parallel, queue, signal, onEvent: (event) => bars.update(event) }).finally(
            () => bars.close(),
          );
          if (report !== undefined) {
            const { name: title, plan, trials: all } = study;
            await writeStudyReport({ ...reportedPlan(plan), name: title, trials: all }, report, '--report');
          }
          const document = studyResult(study, (performance.now() - begun) / 1000, report);
          const text = () => (quiet ? '' : studyText(document, study.trials, terminal));
          return { document, text, status: interruption() ?? 0 };
        },
        THREADS_END,
      );
    } finally {
      await study.close();
    }
  },
});

function studyResult(study: Study, seconds: number, report: string | undefined): StudyResult {
  const { name, id, plan, trials, ended, best, front } = study;
  const inState = (wanted: string) => trials.filter(({ state }) => state === wanted).length;
  return {
    study: name,
    id,
    trials: plan.trials,
    ended,
    complete: inState('complete'),
    pruned: inState('pruned'),
    failed: inState('failed'),
    done: study.isDone,
    objectives: plan.objectives,
    best: best ?? null,
    front,
    seconds,
    journal: study.journal ?? null,
    report: report ?? null,
  };
}
