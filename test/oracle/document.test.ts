/**
 * The numbers in docs/arithmetic.md are those of the reference and of the engine. UPDATE_DOCS=1 writes them anew after
 * an intended change of the arithmetic.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Learner } from '../../lib/index.js';
import { networkDigest } from '../../lib/network/digest.js';
import { checkNumbers, EXAMPLE_JOB, EXAMPLE_SPEC, workedExample } from '../reference/document.js';
import { hardwareCheckNumbers } from '../reference/document-hardware.js';
import { LEARNER_QUESTION, LEARNER_ROWS, learnerCheckNumbers } from '../reference/document-learner.js';
import {
  MOVES,
  networkCheckNumbers,
  SHARE,
  VARIATIONS,
  variationJob,
  variationSpec,
} from '../reference/document-networks.js';
import { WideReference } from '../reference/wide-network.js';
import { compare, makeEngine, manners } from './compare.js';
import type { Call } from './scenario.js';

const PATH = new URL('../../docs/arithmetic.md', import.meta.url);
const SECTIONS = {
  'check numbers': checkNumbers,
  'worked example': workedExample,
  'option check numbers': networkCheckNumbers,
  'hardware check numbers': hardwareCheckNumbers,
  'learner check numbers': learnerCheckNumbers,
};

test.for(Object.entries(SECTIONS))('%s', ([name, make]) => {
  const page = readFileSync(PATH, 'utf8');
  const [start, end] = [`<!-- generated: ${name} -->\n`, '\n<!-- end -->'];
  const from = page.indexOf(start) + start.length;
  const to = page.indexOf(end, from - 1);
  expect(Math.min(from - start.length, to)).toBeGreaterThan(0);
  if (process.env.UPDATE_DOCS) writeFileSync(PATH, `${page.slice(0, from)}\n${make()}\n${page.slice(to)}`);
  else expect(page.slice(from, to).trim()).toBe(make());
});

test('the worked example is what the engine does', async () => {
  await compare({
    spec: EXAMPLE_SPEC,
    scaling: undefined,
    calls: [{ kind: 'train', job: EXAMPLE_JOB }],
    inputs: EXAMPLE_JOB.inputs,
  });
  for (const { kernelSet, threads } of manners()) {
    const engine = makeEngine(EXAMPLE_SPEC, kernelSet);
    await engine.train({ ...EXAMPLE_JOB, threads: threads[0] ?? 1 });
    expect(readFileSync(PATH, 'utf8')).toContain(networkDigest(engine, 2));
  }
});

test.each(VARIATIONS)('the engine agrees: $title', async (variation) => {
  const [spec, job] = [variationSpec(variation), variationJob(variation)];
  const { biases } = variation;
  const start: Call[] =
    biases === undefined
      ? []
      : spec.patterns.map((_, junction) => ({
          kind: 'set',
          junction,
          biases: new Int32Array(spec.layers[junction + 1] as number).fill(biases),
        }));
  await compare({
    spec,
    scaling: undefined,
    calls: [...start, { kind: 'train', job }],
    inputs: EXAMPLE_JOB.inputs,
  });
});

test.each(MOVES)('the engine agrees: $title', async ({ spec, byGradient, inputs }) => {
  const job = { ...EXAMPLE_JOB, inputs, record: byGradient ? 2 : undefined };
  const calls: Call[] = [
    { kind: 'train', job },
    { kind: 'rewire', rule: { share: SHARE, byGradient } },
  ];
  const reference = await compare({ spec: { ...EXAMPLE_SPEC, ...spec }, scaling: undefined, calls, inputs });
  expect(reference.pattern(0)).not.toEqual(new WideReference({ ...EXAMPLE_SPEC, ...spec }).pattern(0));
});

test('a learner predicts the probabilities of the page', () => {
  const learner = new Learner({ seed: 1 });
  for (const { row, truth } of LEARNER_ROWS) learner.learn(row, truth);
  const { probabilities } = learner.predict(LEARNER_QUESTION);
  const shown = Object.entries(probabilities).map(([name, p]) => `${name} ${p}`);
  expect(readFileSync(PATH, 'utf8')).toContain(shown.join(', '));
});
