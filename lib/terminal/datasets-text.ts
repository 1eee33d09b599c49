import { bytes, count } from '../base/numbers.js';
import type { DatasetStatus } from '../catalog/registry.js';
import type { Style } from './style.js';
import { wrap } from './width.js';

const WHERE = { cache: 'downloaded', package: 'with the package', system: 'installed' } as const;

/** In narrower terminals each name stands on a line of its own. */
const NAMES_BESIDE_FROM = 60;

/** Formats the named data sets for people, and says how to get those that are missing. */
export function datasetsText(datasets: readonly DatasetStatus[], cache: string, style: Style): string {
  const { paint, columns } = style;
  const isNarrow = columns < NAMES_BESIDE_FROM;
  const indent = isNarrow ? 4 : Math.max(...datasets.map(({ name }) => name.length)) + 4;
  const lines = datasets.flatMap((set) => {
    const size = `${count(set.trainRows)} + ${count(set.testRows)} x ${count(set.features)}, ${set.outputs} classes`;
    const where = whereText(set);
    const about = [
      set.title,
      paint.dim(`${size}; licence: ${set.licence}`),
      set.isHere ? paint.green(where) : where,
    ]
      .flatMap((text) => wrap(text, columns - indent))
      .map((line) => ' '.repeat(indent) + line);
    const name = `  ${paint.bold(set.name)}`;
    if (isNarrow) return [name, ...about, ''];
    const [first = '', ...rest] = about;
    return [name + first.slice(2 + set.name.length), ...rest, ''];
  });
  const missing = datasets.find(({ isHere }) => !isHere);
  if (missing !== undefined) {
    lines.push(`  get one with: sparse-train datasets get ${missing.name}`);
  }
  lines.push(`  downloads are kept in ${cache} (SPARSE_TRAIN_DATA)`);
  return lines.join('\n');
}

/** Where a data set is, or how to get it. */
function whereText({ origin, place, isHere, verified, bytes: size, mirrors }: DatasetStatus): string {
  if (origin === 'generated') return 'here: made when it is used';
  if (isHere && place !== undefined) {
    const sums = verified === undefined ? '' : `; ${VERIFIED[verified]}`;
    return `here: ${WHERE[place.kind]}, ${place.folder}${sums}`;
  }
  const hosts = [...new Set(mirrors.map((mirror) => new URL(mirror).host))];
  return `not here: ${bytes(size)} from ${hosts.join(', ')}`;
}

const VERIFIED: Readonly<Record<NonNullable<DatasetStatus['verified']>, string>> = {
  'each time': 'sums compared at each use',
  published: 'sums were as published',
  'first download': 'no published sum: as first downloaded',
  'not yet': 'sums not compared yet',
};
