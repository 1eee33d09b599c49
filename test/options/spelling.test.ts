import { describe, expect, it } from 'vitest';
import { describeValue, invalidOption, unknownName } from '../../lib/base/errors.js';
import { literal, optionName, say } from '../../lib/base/wording.js';
import { networkSettings } from '../../lib/cli/settings/network.js';
import { commandSpelling } from '../../lib/cli/settings/setting.js';
import { SparseTrainError } from '../../lib/index.js';
import { expectMistake, runHere } from '../cli/run.js';

const spelling = commandSpelling(networkSettings);

describe('an error', () => {
  const error = invalidOption('optimizer.weightDecay', 'a number from 0 to 1', 2);

  it('is data', () => {
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      option: 'optimizer.weightDecay',
      expected: 'a number from 0 to 1',
      actual: 2,
      advice: undefined,
    });
  });

  it('names its option as its reader writes it', () => {
    expect(error.message).toBe('optimizer.weightDecay must be a number from 0 to 1, but it is 2');
    expect(error.toData(spelling)).toEqual({
      code: 'INVALID_OPTION',
      message: '--weight-decay must be a number from 0 to 1, but it is 2',
      option: '--weight-decay',
      expected: 'a number from 0 to 1',
      actual: 2,
    });
  });

  it('spells options and words in its advice as well', () => {
    const advised = new SparseTrainError('INVALID_OPTION', {
      says: say`${optionName('pattern')} is ${literal('SS')}`,
      advice: say`use ${optionName('arithmetic.kind', 'float')}`,
    });
    expect(advised.message).toBe("pattern is 'SS'; use arithmetic: { kind: 'float' }");
    expect(advised.toData(spelling).message).toBe('--pattern is SS; use --arithmetic float');
  });

  it('never repeats a long value, name or list as a whole', () => {
    const long = 'x'.repeat(10_000);
    const names = Array.from({ length: 5000 }, (_, i) => `name${i}`);
    expect(describeValue(long).length).toBeLessThan(80);
    expect(describeValue(10n ** 5000n).length).toBeLessThan(80);
    expect(unknownName('UNKNOWN_OPTION', 'option', long, names).message.length).toBeLessThan(500);
  });
});

describe('the command line', () => {
  it('says which spelling replaces an earlier one', async () => {
    const mistake = (says: string) => ({ status: 2 as const, code: 'UNKNOWN_OPTION', says: [says] });
    await expectMistake(['train', '--bits', '8'], mistake('did you mean --weight-bits?'));
    await expectMistake(['train', '--fraction', '2'], mistake('did you mean --weight-fraction?'));
    await expectMistake(['train', '--weightBits', '8'], mistake('did you mean --weight-bits?'));
    await expectMistake(['train', '--output', 'x'], mistake('did you mean --output-layer or --out?'));
    await expectMistake(['export', 'x', '--output', 'x'], mistake('did you mean --out?'));
  });

  it.each(['evaluate', 'predict', 'inspect', 'search', 'verify', 'export', 'import', 'report'])(
    'points to the help where an argument is missing: %s',
    (name) =>
      expectMistake([name], {
        status: 2,
        code: 'MISSING_ARGUMENT',
        says: [`(sparse-train ${name} --help)`],
      }),
  );

  it('names the command that is near an unknown one, also after help', () =>
    expectMistake(['help', 'tarin'], { status: 2, code: 'UNKNOWN_COMMAND', says: ['did you mean train?'] }));

  it('prints errors as data with --json', async () => {
    const { stdout } = await runHere(['mnist', '--momentum', '0.3', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'INVALID_OPTION',
        message: '--momentum must be 0 or a number from 0.5 to 0.9999, but it is 0.3',
        option: '--momentum',
        expected: '0 or a number from 0.5 to 0.9999',
        actual: 0.3,
      },
    });
  });
});
