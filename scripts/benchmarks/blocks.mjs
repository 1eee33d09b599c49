/** The parts of hand-written pages that are generated from a result of `sparse-train bench`. */
import { seconds as duration, perSecond, significant } from '../../dist/.build/modules/base/numbers.js';
import { bestOf, rivalries, strongest } from '../../dist/.build/modules/bench/strongest.js';

/** @typedef {import('../../lib/bench/result.js').BenchResult} BenchResult */

/**
 * A page with the text between `<!-- NAME:begin -->` and `<!-- NAME:end -->` replaced.
 *
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
export function withBlock(page, name, text) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page has no ${begin} ... ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

/** @param {import('../../lib/bench/statistics.js').Summary} ratio */
const times = (ratio) => `${significant(ratio.median, 2)} times`;

/**
 * The paragraph on speed in README.md.
 *
 * @param {BenchResult} result
 */
export function speedParagraph(result) {
  const ours = result.online?.versus?.ours.samplesPerSecond.median;
  const [single, dense, any, accuracy] = [
    'online training at batch 1, one core',
    'the same with a dense network on both sides',
    'online training, against any batch size and number of threads',
    'time to 97 % of MNIST, one core',
  ].map((wanted) => rivalries(result).find(({ what }) => what === wanted));
  if (ours === undefined || single === undefined)
    throw new Error('the result has no comparison of online training');
  const speedOf = (/** @type {typeof single} */ { rival }) =>
    'samplesPerSecond' in rival
      ? perSecond(rival.samplesPerSecond.median)
      : duration(rival.seconds?.median ?? 0);
  const form = (/** @type {typeof single} */ { rival }) =>
    [rival.name, rival.mode].filter((part) => part !== undefined).join(' ');
  const best = bestOf((result.timeToAccuracy?.ours ?? []).filter(({ threads }) => threads === 1));
  const sentences = [
    `Updating after every example on one core (${result.machine.cpu}), sparse-train trains the network of \`mnist\` on ${perSecond(ours)}. The strongest rival ` +
      `that we know trains the dense network of the same layers on ${speedOf(single)} (\`${form(single)}\`): ${times(single.ratio)} as fast.`,
    ...(dense === undefined ? [] : [`With a dense network on both sides it is ${times(dense.ratio)}.`]),
    ...(any === undefined
      ? []
      : [
          `At any batch size and number of threads the strongest reached ${speedOf(any)} (\`${form(any)}\`, batch ${any.rival.batch}, ${any.rival.threads} ${any.rival.threads === 1 ? 'thread' : 'threads'}).`,
        ]),
    ...(accuracy === undefined || best?.seconds === undefined
      ? []
      : [
          `Training alone to 97 % of the test images takes ${duration(best.seconds.median)} on one core; the strongest rival on one core, \`${form(accuracy)}\`, takes ${speedOf(accuracy)}.`,
        ]),
    'A network of this size gains nothing from a second thread.',
  ];
  return sentences
    .join(' ')
    .replace(/(.{1,118})(?:\s+|$)/g, '$1\n')
    .trim();
}

/**
 * The speeds of docs/comparison.md: a table of the baselines at batch 1 on one core, and at their best batch.
 *
 * @param {BenchResult} result
 */
export function speedTable(result) {
  const { online, baselines } = result;
  if (online?.versus === undefined) throw new Error('the result has no comparison of online training');
  const { ours, oursDense, others } = online.versus;
  const names = baselines.map(({ name }) => name).filter((name) => others.some((one) => one.name === name));
  const shown = (/** @type {import('../../lib/bench/result.js').Opponent | undefined} */ one) =>
    one === undefined
      ? ['-', '-']
      : [
          `${perSecond(one.samplesPerSecond.median)}${one.mode === undefined ? '' : ` (${one.mode})`}`,
          `${significant(one.ratio.median, 3)}x`,
        ];
  const rows = names.map((name) => {
    const own = others.filter((one) => one.name === name);
    const single = strongest(
      own.filter(({ batch, threads }) => batch === 1 && threads === 1),
      ({ ratio }) => ratio,
    );
    const best = strongest(own, ({ ratio }) => ratio);
    const batch =
      best === undefined
        ? ''
        : `, batch ${best.batch}, ${best.threads} ${best.threads === 1 ? 'thread' : 'threads'}`;
    const [speed, ratio] = shown(best);
    return [name, own[0]?.dense ? 'dense' : 'sparse', ...shown(single), `${speed}${batch}`, ratio];
  });
  const head = [
    '784-256-10',
    'edges',
    'one by one, one core',
    'sparse-train is',
    'at its best',
    'sparse-train is',
  ];
  const lines = [
    head,
    head.map(() => '---'),
    ['sparse-train', 'sparse', perSecond(ours.samplesPerSecond.median), '1', '', ''],
    ...(oursDense === undefined ? [] : [['sparse-train', 'dense', ...shown(oursDense), '', '']]),
    ...rows,
  ];
  const alike = rivalries(result).find(({ what }) => what === 'the same with a dense network on both sides');
  return [
    `${result.machine.cpu}, ${result.takenAt.slice(0, 10)}:`,
    '',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    ...(alike === undefined
      ? []
      : [
          '',
          `Dense against dense, one by one on one core, sparse-train is ${times(alike.ratio)} as fast as the strongest (${alike.rival.name}).`,
        ]),
  ].join('\n');
}
