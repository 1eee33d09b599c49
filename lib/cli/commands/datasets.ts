import { SparseTrainError, unknownName } from '../../base/errors.js';
import { bytes } from '../../base/numbers.js';
import { boolean, listOf, text } from '../../base/options/kinds.js';
import { datasetStatuses, downloadDataset, listDatasets } from '../../catalog/registry.js';
import { cacheFolder } from '../../catalog/store/places.js';
import { datasetsText } from '../../terminal/datasets-text.js';
import { defineCommand, type Outcome } from '../command.js';
import { DownloadBar } from '../download-bar.js';
import { interruptible } from '../interruption.js';
import type { Settings } from '../settings/setting.js';
import type { Terminal } from '../terminal.js';

const getSettings = {
  force: { flag: '--force', kind: boolean, description: 'download it even if it is here' },
  mirror: {
    flag: '--mirror',
    kind: listOf(text('<url>'), { least: 1, placeholder: '<urls>' }),
    description: 'URLs of folders with the files, tried before the known mirrors',
  },
} as const satisfies Settings;

const ACTIONS = ['list', 'get'];

export default defineCommand({
  description:
    'Without arguments, lists the data sets: source, licence, and whether they are on this machine. Data sets are looked for ' +
    'among the downloads (in the folder SPARSE_TRAIN_DATA, otherwise in the cache folder of the platform), in the package, and in ' +
    '/usr/share/datasets, where Debian installs them. "get" downloads those found in none of these, resumes interrupted ' +
    'downloads, and checks SHA-256 sums. Without a network it says where to put the files by hand.',
  arguments: [
    {
      name: 'action',
      description: 'list (the default) or get',
      optional: true,
      completes: { words: ACTIONS },
    },
    {
      name: 'names...',
      description: 'the data sets to get',
      optional: true,
      completes: { hasDatasets: true },
    },
  ],
  options: { 'Download:': getSettings },
  examples: [
    'sparse-train datasets',
    'sparse-train datasets get fashion-mnist kmnist',
    'SPARSE_TRAIN_DATA=/data sparse-train datasets get cifar10 --json',
  ],
  async run({ terminal, words: [action = 'list'], rest, options }) {
    if (action === 'get') return get(rest, options, terminal);
    if (action !== 'list') throw unknownName('INVALID_OPTION', 'action', action, ACTIONS);
    if (rest.length > 0) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `list takes no names; to download: datasets get ${rest.join(' ')}`,
      );
    }
    const datasets = await datasetStatuses();
    const cache = cacheFolder();
    return { document: { cache, datasets }, text: () => datasetsText(datasets, cache, terminal) };
  },
});

interface GetOptions {
  readonly force?: boolean | undefined;
  readonly mirror?: readonly string[] | undefined;
}

async function get(names: readonly string[], options: GetOptions, terminal: Terminal): Promise<Outcome> {
  const known = listDatasets().map(({ name }) => name);
  if (names.length === 0) {
    throw new SparseTrainError('INVALID_OPTION', `get needs the names of data sets: ${known.join(', ')}`);
  }
  // Misspelt names are reported before anything is downloaded.
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName('UNKNOWN_DATASET', 'data set', unknown, known);
  const bar = new DownloadBar(terminal);
  return interruptible(
    () => bar.close(),
    async (signal, interruption) => {
      const done: { name: string; folder: string | null; received: number }[] = [];
      try {
        for (const name of names) {
          const { force, mirror: mirrors } = options;
          const onProgress = bar.update.bind(bar);
          const files = await downloadDataset(name, { force, mirrors, signal, onProgress });
          bar.close();
          done.push({ name, folder: files?.folder ?? null, received: files?.received ?? 0 });
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        terminal.note('stopped; the next call resumes the download');
      } finally {
        bar.close();
      }
      const line = ({ name, folder, received }: (typeof done)[number]) =>
        folder === null
          ? `${name} is generated when it is used`
          : `${name} ${received > 0 ? `downloaded (${bytes(received)})` : 'is here'}: ${folder}`;
      return {
        document: { datasets: done },
        text: () => done.map(line).join('\n'),
        status: interruption() ?? 0,
      };
    },
  );
}
