import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PENGUINS, PROGRAM, ROOT, workFolder } from './run.js';

const folder = workFolder();

/** Node's permission model, which allows addons from 20.12 on. */
const flags = process.allowedNodeEnvironmentFlags;
const PERMISSION = flags.has('--permission') ? '--permission' : '--experimental-permission';
const can = process.platform === 'linux' && flags.has('--allow-addons') && flags.has(PERMISSION);

/** Runs the program with permission to read the package and one folder, to write that folder, and nothing else. */
function confined(words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const own = realpathSync(folder());
  const read = [ROOT, realpathSync(join(ROOT, 'node_modules')), own].map(
    (path) => `--allow-fs-read=${path}/*`,
  );
  const allowed = [PERMISSION, '--no-warnings', '--allow-addons', ...read, `--allow-fs-write=${own}/*`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...allowed, PROGRAM, ...words], {
    cwd: own,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.runIf(can)('without permission for any file but the package and those named', () => {
  const data = ['--data', 'penguins.csv', '--label', 'species', '--on-missing', 'skip'];

  it('every step from training to export works', () => {
    copyFileSync(PENGUINS, join(folder(), 'penguins.csv'));
    const steps = [
      ['train', ...data, '--epochs', '3', '--checkpoint', '1epochs', '--out', 'p.safetensors'],
      ['train', ...data, '--epochs', '3', '--resume', '--out', 'p.safetensors'],
      ['mnist', '--layers', '16', '--epochs', '1', '--out', 'm.safetensors'],
      ['evaluate', 'm.safetensors', '--data', 'mnist'],
      ['inspect', 'p.safetensors'],
      ['report', 'p.jsonl', '--out', 'report.html'],
      ['export', 'p.safetensors', '--format', 'onnx', '--out', 'p.onnx'],
      ['export', 'p.safetensors', '--format', 'c', '--out', 'p.c'],
    ];
    for (const words of steps) {
      const { status, stderr } = confined([...words, '--json']);
      expect(status, `${words.join(' ')}: ${stderr}`).toBe(0);
    }
    expect(readdirSync(folder())).toEqual(expect.arrayContaining(['p.safetensors', 'report.html', 'p.onnx']));
  });

  it('what is named outside is refused, and nothing is written there', () => {
    const outside = join(realpathSync(tmpdir()), 'sparse-train-outside.safetensors');
    const { status, stdout } = confined(['train', ...data, '--epochs', '1', '--out', outside, '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FILE_ACCESS' } });
    expect(existsSync(outside)).toBe(false);
    const read = confined(['inspect', '/etc/hostname', '--json']);
    expect(read.status).toBe(1);
    expect(JSON.parse(read.stdout)).toMatchObject({ error: { code: 'FILE_ACCESS' } });
  });
});
