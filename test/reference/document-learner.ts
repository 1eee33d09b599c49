/** The check numbers of learners in docs/arithmetic.md. */
import { at, range } from './integers.js';
import { initial, keyOf, ReferenceLearner, type ReferenceRow } from './learner.js';

/** The rows of the page, with their classes. */
export const LEARNER_ROWS: readonly { row: ReferenceRow; truth: string }[] = range(10).map((i) => ({
  row: { size: i % 5, zone: i % 2 === 0 ? 'A' : 'B' },
  truth: i % 5 > 2 ? 'big' : 'small',
}));

/** The row that is predicted after them. */
export const LEARNER_QUESTION: ReferenceRow = { size: 4, zone: 'A' };

const first = (values: readonly number[]): string => `${values.slice(0, 6).join(', ')}, ...`;

const hex = (x: bigint): string => `0x${x.toString(16).toUpperCase().padStart(16, '0')}`;

/** The section "Check numbers of learners". */
export function learnerCheckNumbers(): string {
  const learner = new ReferenceLearner(1, 'class');
  for (const { row, truth } of LEARNER_ROWS) learner.learn(row, truth);
  const size = keyOf('size\u0000n0').key;
  const weights = (name: string) => first(learner.weights.get(name) as number[]);
  return [
    'Keys and initial weights of a learner with seed 1, the first 6 of 192 (`size` is a column, `small` a class):',
    '',
    `    key of size, zero, n0    ${hex(size)}`,
    `    key of small             ${hex(keyOf('small').key)}`,
    `    weights of the bias      ${first(initial(1, 10, 0n, 5))}`,
    `    weights of size, n0      ${first(initial(1, 10, size, 5))}`,
    `    weights of small         ${first(initial(1, 11, keyOf('small').key, 7))}`,
    '',
    'Then it learns ten rows. Row i, from 0, has the number `size` = i mod 5 and the level `zone`, A for even i and B for',
    'odd i. Its class is `big` if the size is above 2, otherwise `small`.',
    '',
    `    weights of the bias      ${weights('')}`,
    `    weights of size, n0      ${weights('size\u0000n0')}`,
    `    weights of zone, = A     ${weights('zone\u0000=A')}`,
    ...learner.outputs.map(({ weights, biases }, k) =>
      [
        `    weights of ${at(learner.classes, k).padEnd(14)}${first(weights)}`,
        `    biases of ${at(learner.classes, k).padEnd(15)}${biases.join(', ')}`,
      ].join('\n'),
    ),
    `    shares                   ${learner.shares.join(', ')}`,
    `    size 4, zone A           ${learner
      .predict(LEARNER_QUESTION)
      .map((p, k) => `${at(learner.classes, k)} ${p}`)
      .join(', ')}`,
  ].join('\n');
}
