import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SparseTrainError, unknownName } from '../../base/errors.js';
import { writeText } from '../../base/files/write-text.js';
import { count, percent } from '../../base/numbers.js';
import { boolean, path } from '../../base/options/kinds.js';
import { accuracyData, accuracyTrials } from '../../reproduce/accuracy.js';
import { bitWidthData, bitWidthTrials } from '../../reproduce/bit-widths.js';
import { densityCurveData, densityCurveTrials } from '../../reproduce/density-curve.js';
import { interleaverData, interleaverTrials } from '../../reproduce/interleavers.js';
import { reproductionPage } from '../../reproduce/page.js';
import { loadResults, runStudy, type StudyData, summarise, type Trial } from '../../reproduce/study.js';
import { tableLines } from '../../terminal/table.js';
import { defineCommand } from '../command.js';
import { interruptible } from '../interruption.js';
import type { Settings } from '../settings/setting.js';
import { trainingSettings } from '../settings/training.js';

interface Study {
  readonly trials: (quick: boolean) => Trial[];
  readonly data: (name: string) => Promise<StudyData>;
}

const STUDIES: Readonly<Record<string, Study>> = {
  'bit-widths': { trials: bitWidthTrials, data: bitWidthData },
  interleavers: { trials: interleaverTrials, data: interleaverData },
  accuracy: { trials: accuracyTrials, data: accuracyData },
  'density-curve': { trials: densityCurveTrials, data: densityCurveData },
};

const reproduceSettings = {
  quick: { flag: '--quick', kind: boolean, description: 'few seeds and epochs, to see that it works' },
  out: {
    flag: '--out',
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
  arguments: [{ name: 'study', description: 'bit-widths, interleavers, accuracy or density-curve' }],
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
    const study = STUDIES[name];
    if (study === undefined) throw unknownName('INVALID_OPTION', 'study', name, Object.keys(STUDIES));
    const { quick = false, out = 'docs', threads = 'auto' } = options;
    const files = Object.fromEntries(
      Object.keys(STUDIES).map((key) => [key, join(out, 'results', `${key}.json`)]),
    );
    const file = files[name] as string;
    return interruptible(
      () => terminal.note('stopping after this run; press Ctrl-C again to quit at once'),
      async (signal, interruption) => {
        const results = await runStudy(name, study.trials(quick), study.data, {
          file,
          quick,
          threads,
          signal,
          onProgress: ({ done, of, last }) => {
            if (last !== undefined) terminal.note(`${done} of ${of}: ${last.key}, ${percent(last.accuracy)}`);
          },
        });
        const all = await Promise.all(Object.values(files).map(loadResults));
        const page = reproductionPage(all[0], all[1], all[2], all[3]);
        await makeFolder(join(out, 'images'));
        for (const [image, svg] of page.images) await writeText(join(out, 'images', image), svg, '--out');
        const written = join(out, 'reproduction.md');
        await writeText(written, page.text, '--out');
        const groups = [...summarise(results.trials).values()];
        const text = () =>
          [
            ...tableLines(
              ['', 'runs', 'mean', 'deviation'],
              groups.map(({ group, accuracies, mean, deviation }) => [
                group,
                count(accuracies.length),
                percent(mean),
                percent(deviation),
              ]),
              terminal,
            ),
            '',
            `  ${written}`,
          ].join('\n');
        return { document: { study: name, quick, page: written, groups }, text, status: interruption() ?? 0 };
      },
    );
  },
});

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SparseTrainError('FILE_ACCESS', `--out: ${folder} cannot be created (${code})`, {
      cause: error,
    });
  }
}
