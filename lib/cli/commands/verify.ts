import { SparseTrainError } from '../../base/errors.js';
import { count, counted, perSecond } from '../../base/numbers.js';
import { readFixture } from '../../hardware/fixture.js';
import { type FixtureCheck, verifyFixture } from '../../hardware/verify.js';
import type { Style } from '../../terminal/style.js';
import { defineCommand } from '../command.js';
import { withIsa } from '../isa.js';

/** The result for one file. */
interface Verified {
  readonly file: string;
  readonly passed: boolean;
  readonly layers?: readonly number[];
  readonly arithmetic?: { width: number; integerBits: number; tableFloor: number };
  readonly inputs?: number;
  readonly checks?: readonly FixtureCheck[];
  /** The reason why the file could not be run. */
  readonly error?: { code: string; message: string };
}

export default defineCommand({
  description:
    'Runs fixtures on every kernel set of this CPU and compares every number. A fixture holds a network, its weights and ' +
    'biases at the start, inputs, the outputs of each input, and the weights and biases after the last one; ' +
    '"sparse-train fixture" writes such files. If a number differs, the first one is named and the exit status is 1.',
  arguments: [{ name: 'files...', description: 'fixtures, JSON' }],
  options: {},
  examples: ['sparse-train verify fixture.json', 'sparse-train verify chip.json simulation.json --json'],
  async run({ terminal, rest }) {
    const results: Verified[] = [];
    for (const file of rest) results.push(await verifyFile(file));
    const passed = results.every((result) => result.passed);
    return {
      document: {
        passed,
        files: results.map(({ checks, ...file }) => ({ ...file, checks: checks?.map(withIsa) })),
      },
      text: () => results.map((result) => verifiedText(result, terminal)).join('\n'),
      status: passed ? 0 : 1,
    };
  },
});

async function verifyFile(file: string): Promise<Verified> {
  try {
    const fixture = await readFixture(file);
    const { layers, width, integerBits, tableFloor } = fixture.design;
    const checks = await verifyFixture(fixture);
    return {
      file,
      passed: checks.every((check) => check.difference === undefined),
      layers,
      arithmetic: { width, integerBits, tableFloor },
      inputs: fixture.labels.length,
      checks,
    };
  } catch (error) {
    if (!(error instanceof SparseTrainError) || error.code === 'NATIVE_UNAVAILABLE') throw error;
    const message = error.message.includes(file) ? error.message : `${file}: ${error.message}`;
    return { file, passed: false, error: { code: error.code, message } };
  }
}

function verifiedText(result: Verified, { paint }: Style): string {
  const { file, error, layers = [], arithmetic, inputs = 0, checks = [] } = result;
  const mark = result.passed ? paint.green('passed') : paint.red('FAILED');
  if (error !== undefined) return `${mark}  ${file}\n  ${error.message}`;
  const format =
    arithmetic === undefined
      ? ''
      : `${arithmetic.width} bits (1.${arithmetic.integerBits}.${arithmetic.width - 1 - arithmetic.integerBits})`;
  return [
    `${mark}  ${file}  ${paint.dim(`${layers.join('-')}, ${format}, ${counted(inputs, 'input')}`)}`,
    ...checks.map(({ kernelSet, compared, difference, inputsPerSecond }) => {
      const verdict =
        difference === undefined
          ? `${count(compared)} numbers equal, ${perSecond(inputsPerSecond)}`
          : paint.red(difference.message);
      return `  ${kernelSet.padEnd(8)} ${verdict}`;
    }),
  ].join('\n');
}
