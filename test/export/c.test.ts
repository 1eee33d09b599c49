import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as main from '../../lib/index.js';
import * as exporting from '../../lib/public/export.js';
import { exportC } from '../../lib/public/export.js';
import { SMALL_NAMES, smallCases } from '../../scripts/export-cases.mjs';
import { cCompiler, compareC } from '../../scripts/run-c.mjs';
import { workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from '../training/data.js';

const api = { ...main, ...exporting };

const folder = workFolder();
const compiler = cCompiler();

describe('a network in C', () => {
  let cases: Awaited<ReturnType<typeof smallCases>>;
  beforeAll(async () => {
    cases = await smallCases(api, 60);
  });

  it.runIf(compiler).each(SMALL_NAMES.filter((name) => !name.startsWith('float')))(
    'computes the decisions, sums and scores of predict(): %s',
    async (name) => {
      const example = cases.find((one) => one.name === name) as (typeof cases)[number];
      const place = {
        folder: folder(),
        compiler: compiler as string[],
        flags: ['-O1', '-fsanitize=undefined', '-fno-sanitize-recover'],
      };
      const { difference, rows } = await compareC(api, example, place);
      expect({ difference, rows }).toEqual({ difference: undefined, rows: 60 });
    },
  );

  it('refuses the float arithmetic, names that are none in C, and other file names', async () => {
    const float = cases.find(({ network }) => network.arithmetic.kind === 'float')?.network as main.Network;
    const wide = cases[0]?.network as main.Network;
    const file = join(folder(), 'refused.c');
    await expectRefusal('INVALID_OPTION', ['float', 'wide'], () => exportC(float, file));
    await expectRefusal('INVALID_OPTION', ['.c'], () => exportC(wide, join(folder(), 'refused.cpp')));
    for (const name of ['2nd', 'int', 'a-b', '']) {
      await expectRefusal('INVALID_OPTION', ['name'], () => exportC(wide, file, { name }));
    }
    await expectRefusal('UNKNOWN_OPTION', ['nmae', 'name'], () =>
      exportC(wide, file, { nmae: 'x' } as object),
    );
  });

  it('refuses bytes for a network that was trained on scaled numbers, and inputs that are none', async () => {
    const scaled = new api.Network({ layers: [4, 3], scaling: 'standard' });
    await scaled.fit(clouds(50), { epochs: 1 });
    const file = join(folder(), 'refused.c');
    await expectRefusal('INVALID_OPTION', ['trained on numbers that are scaled', "'word'"], () =>
      exportC(scaled, file, { input: 'uint8' }),
    );
    await expectRefusal('INVALID_OPTION', ['input', "'word'"], () =>
      exportC(scaled, file, { input: 'int16' as 'word' }),
    );
    for (const name of ['a"b.c', 'a\\b.c', 'a\nb.c'])
      await expectRefusal('INVALID_OPTION', ['file', 'quotes'], () => exportC(scaled, join(folder(), name)));
    await expectRefusal('INVALID_OPTION', ['file', '.c'], () => exportC(scaled, '.c'));
  });

  it('has a workspace with a member that does nothing where none is needed, as C has no empty structures', async () => {
    const network = new api.Network({ layers: [4, 3] });
    const { files } = await exportC(network, join(folder(), 'single.c'), { input: 'uint8' });
    expect(await readFile(files[1], 'utf8')).toMatch(
      /typedef struct \{\n {2}uint8_t nothing;\n\} single_workspace;/,
    );
    expect(await readFile(files[0], 'utf8')).toContain('(void)workspace;');
  });

  it('says in its header what goes in and what comes out', async () => {
    const header = async (network: main.Network, input?: 'uint8' | 'word') => {
      const { files } = await exportC(network, join(folder(), 'header.c'), { input });
      return (await readFile(files[1], 'utf8')).replace(/\s+/g, ' ');
    };
    const softmax = await header(new api.Network({ layers: [4, 3], classes: ['/* p', 'q', '*/'] }), 'uint8');
    for (const part of [
      'layers 4, 3; weights of 16 bits, 12 after the point.',
      'Outputs: 0: / * p, 1: q, 2: * /. */',
      '#define HEADER_INPUTS 4',
      '#define HEADER_OUTPUTS 3',
      'One input: a byte, 0 to 255. */ typedef uint8_t header_input;',
      'The number of the largest output, the first of equals. */ uint32_t header_decide',
      'void header_scores(const int32_t *outputs, uint16_t *scores);',
    ])
      expect(softmax).toContain(part);
    expect(softmax).not.toContain('quantise');

    const values = new api.Network({
      layers: [2, 1],
      output: 'linear',
      arithmetic: { kind: 'wide', weightBits: 8 },
    });
    const inputs = Float32Array.of(0, 1, 2, 3);
    await values.fit(api.Dataset.from({ inputs, columns: 2, values: [10, 30] }), { epochs: 1 });
    const linear = await header(values);
    for (const part of [
      'weights of 8 bits, 6 after the point.',
      'Output k stands for output * 2^-14 * sd + mean, with (mean, sd) of (20, 10).',
      'One input: units of 2^-8, -2047 to 2047; see quantise. */ typedef int16_t header_input;',
      '#ifdef HEADER_SCALING',
      'void header_quantise(const double *numbers, header_input *input);',
    ])
      expect(linear).toContain(part);
    expect(linear).not.toContain('_scores');

    const hardware = { kind: 'hardware', width: 16, integerBits: 4 } as const;
    const yes = await header(
      new api.Network({ layers: [4, 4, 1], output: 'sigmoid', arithmetic: hardware }),
      'word',
    );
    for (const part of [
      'words of 16 bits, 11 after the point.',
      '1 for yes, 0 for no. */ uint32_t header_decide',
    ])
      expect(yes).toContain(part);
    expect(yes).not.toContain('_scores');
  });

  it('makes names of the file, and keeps class names from leaving their comment', async () => {
    const classes = ['*/ #error', 'line\nbreak', '??/'];
    const network = new api.Network({ layers: [4, 3], classes });
    await network.fit(clouds(50, { classes }), { epochs: 1 });
    const { name, files } = await exportC(network, join(folder(), '3 clouds.c'));
    expect(name).toBe('_3_clouds');
    const header = await readFile(files[1], 'utf8');
    expect(header).toContain('0: * / #error, 1: line?break, 2: ? ?/');
    if (compiler) {
      const { difference } = await compareC(
        api,
        { name: 'comments', network, inputs: clouds(10).inputs.data },
        { folder: folder(), compiler },
      );
      expect(difference).toBeUndefined();
    }
  });

  it.runIf(compiler)(
    'compiles without a warning, whatever its name and those of classes and file',
    async () => {
      const cases: [file: string, name: string | undefined, classes: string[]][] = [
        ['_stdint.c', undefined, ['a', 'b', 'c']],
        ['net.c', '_math', ['???/', '????/', '/*/']],
        ['linux.c', 'INT8', ['/', '\\', '*']],
        ['\u00e9 %d.c', '__STDC', ['\u202e', '"', '??(']],
      ];
      for (const [file, name, classes] of cases) {
        const network = new api.Network({ layers: [4, 3], classes });
        const path = join(folder(), file);
        await exportC(network, path, { name });
        const object = join(folder(), 'any.o');
        const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-trigraphs', '-c', path, '-o', object];
        const [program, ...words] = compiler as string[];
        const { status, stderr } = spawnSync(program as string, [...words, ...flags], { encoding: 'utf8' });
        expect({ file, name, status, stderr }).toEqual({ file, name, status: 0, stderr: '' });
      }
    },
  );

  it('refuses file names that no #include can hold, and those of headers of C itself', async () => {
    const network = new api.Network({ layers: [4, 3] });
    for (const file of ['a\rb.c', '\u202e.c', 'stdint.c', 'math.c'])
      await expectRefusal('INVALID_OPTION', ['file'], () => exportC(network, join(folder(), file)));
  });

  it('stores the lists of left neurons that right neurons share only once', async () => {
    const options = { layers: [256, 256], density: 0.125 };
    const tiled = await exportC(new api.Network({ ...options, pattern: 'tiled' }), join(folder(), 'tiled.c'));
    const random = await exportC(
      new api.Network({ ...options, pattern: 'structured' }),
      join(folder(), 'single.c'),
    );
    // 8,192 edges of two bytes each, and their left neurons in one byte.
    expect(random.tableBytes).toBeGreaterThanOrEqual(3 * 8192);
    expect(tiled.tableBytes).toBeLessThan(random.tableBytes - 6000);
  });
});
