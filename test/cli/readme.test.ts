import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import { ROOT } from './run.js';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the README', () => {
  it('has a program that runs as it stands (here on a smaller network)', () => {
    const programs = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text as string);
    const program = programs.find((text) => text.includes('new Network(')) ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'sparse-train-readme-'));
    try {
      const api = pathToFileURL(join(ROOT, 'dist', 'index.js')).href;
      const smaller = program
        .replace("'sparse-train'", `'${api}'`)
        .replace('256', '16')
        .replace('epochs: 3', 'epochs: 1');
      expect(smaller).toContain('[784, 16, 10]');
      writeFileSync(join(folder, 'program.mjs'), `${smaller}\nconsole.log(accuracy > 0.8);\n`);
      const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect({ stdout, stderr }).toEqual({ stdout: 'true\n', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names every command', () => {
    const missing = COMMANDS.filter(({ name }) => !readme.includes(`\`${name}\``));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
