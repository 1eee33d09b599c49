import { join } from 'node:path';
import { unknownName } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { writeText } from '../../base/files/write-text.js';
import { count, percent } from '../../base/numbers.js';
import { boolean, path } from '../../base/options/kinds.js';
import { accuracyRuns } from '../../reproduce/accuracy.js';
import { bitWidthRuns } from '../../reproduce/bit-widths.js';
import { densityCurveRuns } from '../../reproduce/density-curve.js';
import { interleaverRuns } from '../../reproduce/interleavers.js';
import { reproductionPage } from '../../reproduce/page.js';
import { reproduce, resultsFile } from '../../reproduce/reproduce.js';
import { type GroupSummary, loadResults, type Results, summarise } from '../../reproduce/results.js';
import type { Run } from '../../reproduce/run.js';
import { tableLines } from '../../terminal/table.js';
import { defineCommand } from '../command.js';
import { interruptible } from '../interruption.js';
import type { Settings } from '../settings/setting.js';
import { trainingSettings } from '../settings/training.js';
import type { Terminal } from '../terminal.js';

/** The runs of every study. */
const STUDIES: Readonly<Record<string, (quick: boolean) => Run[]>> = {
  'bit-widths': bitWidthRuns,
  interleavers: interleaverRuns,
  accuracy: accuracyRuns,
  'density-curve': densityCurveRuns,
};

const reproduceSettings = {
  quick: { flag: '--quick', kind: boolean, description: 'few seeds and epochs, to see that it works' },
  out: {
    flag: '--out',
    oldFlags: ['--output'],
    kind: { ...path(), placeholder: '<folder>' },
    description:
      'the folder for reproduction.md, images/ and results/; existing results are not computed again',
  },
  threads: trainingSettings.threads,
} as const satisfies Settings;

export default defineCommand({
  description:
    'bit-widths: the published formats, 8 to 32 bits, on the published network and schedule, beside the wide ' +
    'arithmetic. interleavers: clash-free patterns with start vectors, sweeps and memory dithering varied, on MNIST ' +
    'and on Morse code. accuracy: networks of 2 to 20 % of the edges on MNIST and Fashion-MNIST, beside published marks ' +
    '(Fashion-MNIST must be there: sparse-train datasets get fashion-mnist). density-curve: accuracy over the share of ' +
    'edges, 784-112-10 and 800-100-10 on MNIST, float with the published recipe and with another one, and wide. Several seeds each; ' +
    'Ctrl-C stops, and the next call resumes.',
  arguments: [
    {
      name: 'study',
      description: 'bit-widths, interleavers, accuracy or density-curve',
      completes: { words: Object.keys(STUDIES) },
    },
  ],
  options: { 'Study:': reproduceSettings },
  defaults: { out: 'docs', threads: 'auto' },
  examples: [
    'sparse-train reproduce bit-widths',
    'sparse-train reproduce accuracy --threads 2',
    'sparse-train reproduce interleavers --quick --out /tmp/quick',
    'sparse-train reproduce density-curve',
  ],
  async run({ terminal, words, options }) {
    const name = words[0] as string;
    const runs = Object.hasOwn(STUDIES, name) ? STUDIES[name] : undefined;
    if (runs === undefined) throw unknownName('INVALID_OPTION', 'study', name, Object.keys(STUDIES));
    const { quick = false, out = 'docs', threads = 'auto' } = options;
    const folder = join(out, 'results');
    return interruptible(
      () => terminal.note('stopping; the same command resumes; press Ctrl-C again to quit at once'),
      async (signal, interruption) => {
        const results = await reproduce(name, runs(quick), {
          folder,
          quick,
          threads,
          signal,
          onResult: ({ done, of, last }) =>
            terminal.note(`${done} of ${of}: ${last.key}, ${percent(last.accuracy)}`),
        });
        const page = await writePage(out, folder);
        const groups = [...summarise(results.trials).values()];
        const text = () => [...summaryLines(groups, terminal), '', `  ${page}`].join('\n');
        return { document: { study: name, quick, page, groups }, text, status: interruption() ?? 0 };
      },
    );
  },
});

/** Writes the page and its pictures from the results of all studies. Returns the page's file. */
async function writePage(out: string, folder: string): Promise<string> {
  const load = (study: string) => loadResults(resultsFile(folder, study));
  const all = await Promise.all(Object.keys(STUDIES).map(load));
  const [bitWidths, interleavers, accuracy, densityCurve] = all as [Results?, Results?, Results?, Results?];
  const page = reproductionPage(bitWidths, interleavers, accuracy, densityCurve);
  const images = join(out, 'images');
  await makeFolder(images, `--out: ${images}`);
  for (const [image, svg] of page.images) await writeText(join(images, image), svg, '--out');
  const file = join(out, 'reproduction.md');
  await writeText(file, page.text, '--out');
  return file;
}

function summaryLines(groups: readonly GroupSummary[], terminal: Terminal): string[] {
  return tableLines(
    ['', 'runs', 'mean', 'deviation'],
    groups.map(({ group, accuracies, mean, deviation }) => [
      group,
      count(accuracies.length),
      percent(mean),
      percent(deviation),
    ]),
    terminal,
  );
}
