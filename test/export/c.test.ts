import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportC } from '../../lib/export/index.js';
import * as main from '../../lib/index.js';
import * as exporting from '../../lib/public/export.js';
import { smallCases } from '../../scripts/export-cases.mjs';
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

  it.runIf(compiler)('computes the decisions, sums and scores of predict(), in every format', async () => {
    for (const example of cases) {
      if (example.network.arithmetic.kind === 'float') continue;
      const place = {
        folder: folder(),
        compiler: compiler as string[],
        flags: ['-O1', '-fsanitize=undefined', '-fno-sanitize-recover'],
      };
      const { difference, rows } = await compareC(api, example, place);
      expect({ name: example.name, difference, rows }).toEqual({
        name: example.name,
        difference: undefined,
        rows: 60,
      });
    }
  });

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
