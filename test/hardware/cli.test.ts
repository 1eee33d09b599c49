import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { expectMistake, runHere, workFolder } from '../cli/run.js';

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));
const SMALL = join(folder, 'hardware-64-16-4.json');
const LARGE = join(folder, 'hardware-1024-64-32.json');
const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

async function json(words: readonly string[], status = 0): Promise<Record<string, unknown>> {
  const ended = await runHere([...words, '--json']);
  expect({ status: ended.status, stderr: ended.stderr }).toMatchObject({ status });
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

describe('sparse-train verify', () => {
  it('passes the given fixtures on every kernel set', async () => {
    const { status, stdout } = await runHere(['verify', SMALL, LARGE]);
    expect(status).toBe(0);
    expect(stdout.match(/passed/g)).toHaveLength(2);
    for (const kernelSet of native().kernelSets()) expect(stdout).toContain(`  ${kernelSet}`);
    const { passed, files } = await json(['verify', SMALL, LARGE]);
    expect(passed).toBe(true);
    expect((files as { inputs: number }[]).map(({ inputs }) => inputs)).toEqual([200, 40]);
  });

  it('exits 1 at a difference, which it names, and checks the other files all the same', async () => {
    const fixture = JSON.parse(await readFile(SMALL, 'utf8'));
    fixture.expected.weights[1][30]--;
    await writeFile(at('wrong.json'), JSON.stringify(fixture));
    const { status, stdout } = await runHere(['verify', at('wrong.json'), LARGE]);
    expect(status).toBe(1);
    const value = fixture.expected.weights[1][30] as number;
    expect(stdout).toContain(`junction 2, edge 30`);
    expect(stdout).toContain(`expected ${value}, got ${value + 1}`);
    expect(stdout).toMatch(/passed {2}\S*hardware-1024-64-32\.json/);
    const document = await json(['verify', at('wrong.json')], 1);
    expect(document).toMatchObject({
      passed: false,
      files: [
        {
          passed: false,
          checks: native()
            .kernelSets()
            .map((isa) => ({ isa, difference: { junction: 2, edge: 30 } })),
        },
      ],
    });
  });

  it('exits 1 for files that are none, with the reason', async () => {
    await writeFile(at('cut.json'), '{"format":');
    const { status, stdout } = await runHere(['verify', at('cut.json'), at('none.json')]);
    expect(status).toBe(1);
    expect(stdout).toContain('cut.json is not JSON');
    expect(stdout).toContain('there is no file');
  });

  it('needs a file', () =>
    expectMistake(['verify'], { status: 2, code: 'MISSING_ARGUMENT', says: ['files'] }));
});

describe('sparse-train fixture', () => {
  it('writes what verify passes, for any patterns, formats and junctions', async () => {
    const designs = [
      [
        '--layers',
        '64,16,4',
        '--fan-out',
        '2,2',
        '--parallelism',
        '32,8',
        '--width',
        '10',
        '--integer-bits',
        '2',
      ],
      [
        '--layers',
        '24,12,8,4',
        '--density',
        '0.5',
        '--pattern',
        'random,structured,SS+MD',
        '--activation',
        'relu',
        '--cost',
        'quadratic',
      ],
      [
        '--layers',
        '16,8',
        '--fan-out',
        '4',
        '--pattern',
        'clash-free-1',
        '--width',
        '32',
        '--integer-bits',
        '10',
        '--table-floor',
        '1',
      ],
      ['--layers', '8,1', '--inputs', '3', '--halve-after', '1,2'],
    ];
    for (const [i, design] of designs.entries()) {
      const file = at(`fixture-${i}.json`);
      expect((await runHere(['fixture', ...design, '--seed', '5', '--out', file])).status).toBe(0);
      const { files } = await json(['verify', file]);
      const [{ checks }] = files as [{ checks: { compared: number }[] }];
      expect(checks[0]?.compared).toBeGreaterThan(10);
    }
  });

  it('writes images of the memories that hold what the fixture does', async () => {
    const words = [
      '--layers',
      '64,16,4',
      '--fan-out',
      '2,2',
      '--parallelism',
      '32,8',
      '--width',
      '10',
      '--integer-bits',
      '2',
    ];
    await runHere(['fixture', ...words, '--out', at('f.json'), '--memories', at('images')]);
    const fixture = JSON.parse(await readFile(at('f.json'), 'utf8'));
    const names = (await readdir(at('images'))).sort();
    expect(names).toEqual(
      [
        'biases_1',
        'biases_2',
        'memories',
        'sigmoid',
        'sigmoid_derivative',
        'start_1',
        'start_2',
        'weights_1',
        'weights_2',
      ]
        .flatMap((name) => (name === 'memories' ? ['memories.json'] : [`${name}.coe`, `${name}.mem`]))
        .sort(),
    );
    const fields = async (name: string, bits: number, count: number) => {
      const lines = (await readFile(join(at('images'), `${name}.mem`), 'utf8'))
        .split('\n')
        .filter((line) => /^[0-9a-f]+$/.test(line));
      return lines.map((line) => {
        const word = BigInt(`0x${line}`);
        return Array.from({ length: count }, (_, m) => Number(BigInt.asIntN(bits, word >> BigInt(bits * m))));
      });
    };
    const weights = await fields('weights_1', 10, 32);
    expect(weights).toHaveLength(4);
    expect(weights.flat()).toEqual(fixture.initial.weights[0]);
    expect((await fields('biases_2', 10, 1)).flat()).toEqual(fixture.initial.biases[1]);
    expect((await fields('start_1', 1, 32)).map((row) => row.map(Math.abs))).toEqual(fixture.startVectors[0]);
    // The sigmoid of 0 is a half, at address 0; negative sums are behind.
    const table = (await fields('sigmoid', 10, 1)).flat();
    expect(table).toHaveLength(1024);
    expect(table[0]).toBe(64);
    expect(table[512] as number).toBeLessThan(table[1023] as number);
    const coe = await readFile(join(at('images'), 'weights_1.coe'), 'utf8');
    expect(coe).toMatch(
      /memory_initialization_radix=16;\nmemory_initialization_vector=\n([0-9a-f]{80},\n){3}[0-9a-f]{80};\n$/,
    );
  });

  it('takes a trained model, and its start is where training ended', async () => {
    const model = at('model.safetensors');
    const trained = await json([
      'train',
      '--data',
      'morse',
      '--arithmetic',
      'hardware',
      '--layers',
      '32',
      '--pattern',
      'SS',
      '--density',
      '0.5',
      '--epochs',
      '1',
      '--out',
      model,
      '--quiet',
    ]);
    expect(trained).toMatchObject({ arithmetic: { kind: 'hardware', width: 12, integerBits: 3 } });
    await runHere(['fixture', '--model', model, '--data', 'morse', '--inputs', '20', '--out', at('m.json')]);
    expect((await runHere(['verify', at('m.json')])).status).toBe(0);
    await expectMistake(['fixture', '--model', model, '--width', '8'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--width', 'known from the model'],
    });
  });

  it.each([
    [[], 'MISSING_ARGUMENT', 2, '--layers must be given'],
    [['--layers', '21,7', '--fan-out', '2', '--out', '/none/f.json'], 'FILE_NOT_FOUND', 1, '--out'],
    [['--layers', '20,7', '--fan-out', '3'], 'INVALID_OPTION', 2, 'nearest fan-out that works is 7'],
    [['--layers', '20,5', '--data', 'mnist'], 'INVALID_OPTION', 2, '10 classes'],
    [['--layers', '20,5', '--data', 'mnisd'], 'UNKNOWN_DATASET', 2, 'did you mean "mnist"'],
  ] as const)('refuses %j', (words, code, status, says) =>
    expectMistake(['fixture', ...words], { status, code, says: [says] }),
  );
});

describe('sparse-train plan', () => {
  const published = ['plan', '--layers', '1024,64,32', '--fan-out', '4,16'];
  it('has the worked example: 34 clocks, 2.27 microseconds, with what this software takes', async () => {
    const words = [...published, '--parallelism', '128,32'];
    const { stdout, status } = await runHere(words);
    expect(status).toBe(0);
    for (const part of ['34 per block', '2.27 µs', '441,176 images/s', '384', 'in this software'])
      expect(stdout).toContain(part);
    const document = await json(words);
    expect(document).toMatchObject({
      possible: true,
      plan: { clocksPerBlock: 34, parallelism: [128, 32] },
      software: { threads: 1 },
    });
  });

  it.each([
    [[8, 4, 2], '2,1', 'SS'],
    // A fan-in of 9 does not divide the 12 left neurons.
    [[12, 4, 3], '3,3', 'SV'],
  ] as const)(
    'prints the command that trains %j with the z that it chose',
    async (layers, fanOut, pattern) => {
      const words = [
        'plan',
        '--layers',
        layers.join(','),
        '--fan-out',
        fanOut,
        '--width',
        '10',
        '--no-measure',
      ];
      const { trainCommand, plan } = await json(words);
      expect(trainCommand).toContain(`--pattern ${pattern} `);
      // A terminal has it in lines that end in a backslash.
      const { stdout } = await runHere(words);
      expect(stdout.replaceAll(/ \\\n +/g, ' ')).toContain(trainCommand);

      const row = (i: number) => Array.from({ length: layers[0] }, (_, c) => (i * 7 + c * 3) % 11);
      const lines = Array.from({ length: 40 }, (_, i) => [...row(i), `class${i % layers[2]}`].join(','));
      await writeFile(at('rows.csv'), `${lines.join('\n')}\n`);
      const model = at('planned.safetensors');
      const training = (trainCommand as string).replace('FILE', at('rows.csv')).split(' ').slice(2);
      await json([...training, '--header', 'no', '--epochs', '1', '--out', model, '--force']);
      const { junctions } = (await json(['inspect', model])) as { junctions: object[] };
      const { parallelism } = plan as { parallelism: number[] };
      expect(junctions).toMatchObject(parallelism.map((z) => ({ interleaver: { parallelism: z } })));
    },
  );

  it('prints no command for a network without a hidden layer, which no command trains', async () => {
    expect(await json(['plan', '--layers', '8,2', '--no-measure'])).toMatchObject({ trainCommand: null });
  });

  it('trains the published network on MNIST by the command of that name', async () => {
    const { trainCommand } = await json([...published, '--parallelism', '128,32', '--no-measure']);
    expect(trainCommand).toMatch(/^npx sparse-train mnist .*--parallelism 128,32/);
  });

  it('exits 1 for what is impossible, with the nearest that works', async () => {
    const document = await json([...published, '--parallelism', '128,30'], 1);
    expect(document).toMatchObject({
      possible: false,
      nearest: { plan: { parallelism: [128, 32] } },
      software: null,
    });
    const { stdout } = await runHere([...published, '--parallelism', '128,30']);
    expect(stdout).toContain('z = 30 does not divide');
  });

  it('takes networks of a single output, and of none but inputs and outputs', async () => {
    expect(await json(['plan', '--layers', '8,1'])).toMatchObject({
      possible: true,
      plan: { parallelism: [8] },
    });
    expect(await json(['plan', '--host', '--layers', '8,1'])).toMatchObject({ junctions: [{ edges: 8 }] });
  });

  it('answers for this machine', { timeout: 120_000 }, async () => {
    const host = await json([
      'plan',
      '--host',
      '--layers',
      '64,16,4',
      '--fan-out',
      '2,2',
      '--arithmetic',
      'hardware',
      '--pattern',
      'SV',
      '--parallelism',
      '32,8',
    ]);
    expect(host).toMatchObject({
      isa: native().currentKernelSet(),
      isas: native().kernelSets(),
      junctions: [{ layout: 'memories' }, {}],
    });
    const { stdout } = await runHere(['plan', '--host', '--layers', '64,16,4']);
    for (const part of ['kernel set', 'threads', 'layout', 'per input']) expect(stdout).toContain(part);
  });

  it('refuses to plan no network', () =>
    expectMistake(['plan'], { status: 2, code: 'MISSING_ARGUMENT', says: ['--layers must be given'] }));

  it.each([
    [['--layers', '8'], '--layers must be a list of neurons of all layers'],
    [['--layers', '8,4', '--width', '20'], '--width must be 4 to 16, or 32'],
    [['--layers', '8,4', '--device', 'xc7a100'], 'did you mean "xc7a100t"'],
    [['--layers', '8,4', '--fan-out', '1', '--density', '0.5'], '--fan-out and --density both set'],
    [['--layers', '8,4,2', '--parallelism', '8'], 'one z for each of the 2 junctions'],
    [['--layers', '8,4,2', '--fan-out', '1,1,1'], 'one for each of the 2'],
  ] as const)('refuses %j', (words, says) =>
    expectMistake(['plan', ...words], { status: 2, code: 'INVALID_OPTION', says: [says] }),
  );
});

describe('sparse-train reproduce', () => {
  it('knows its studies', () =>
    expectMistake(['reproduce', 'bit-width'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['did you mean "bit-widths"'],
    }));
});

describe('training with the hardware arithmetic', () => {
  it.each([
    [['--decay', 'cosine'], 'powers-of-two'],
    [['--learning-rate', '0.3'], 'a power of two'],
    [['--weight-bits', '8'], '--weight-bits has no meaning with --arithmetic hardware'],
    [['--integer-bits', '10'], '--integer-bits must be a whole number from 0 to 9'],
    [['--momentum', '0.9'], '--momentum'],
  ] as const)('refuses %j', (words, says) =>
    expectMistake(['mnist', '--arithmetic', 'hardware', '--no-save', ...words], {
      status: 2,
      code: 'INVALID_OPTION',
      says: [says],
    }),
  );

  it('refuses its options for the wide arithmetic', () =>
    expectMistake(['mnist', '--width', '12', '--no-save'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--width has no meaning with --arithmetic wide'],
    }));

  it('reaches what an earlier emulation did, on the published network', { timeout: 120_000 }, async () => {
    const model = at('digits.safetensors');
    const result = await json([
      'mnist',
      '--arithmetic',
      'hardware',
      '--epochs',
      '2',
      '--out',
      model,
      '--quiet',
    ]);
    expect(result).toMatchObject({ layers: [1024, 64, 32], edges: 5120 });
    expect(result.testAccuracy).toBeGreaterThan(0.915);
    const evaluated = await json(['evaluate', model, '--data', 'mnist']);
    expect(evaluated.accuracy).toBe(result.testAccuracy);
    const { stdout } = await runHere(['inspect', model, '--picture', at('edges.svg')]);
    expect(stdout).toContain('clash-free type 2, z = 128');
    expect(await readFile(at('edges.svg'), 'utf8')).toContain('<svg');
    const predicted = await runHere(['predict', model, 'mnist']);
    expect(predicted.stdout.split('\n')).toHaveLength(10_001);
  });
});
