import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { expectMistake, runHere, workFolder } from '../cli/run.js';
import { byteClouds } from '../training/data.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);

beforeAll(async () => {
  const network = new Network({ layers: [4, 8, 3], density: [0.5, 1] });
  await network.fit(byteClouds(60), { epochs: 1, log: at('run.jsonl') });
  await network.save(at('model.safetensors'));
});

const exporting = (...words: string[]) => runHere(['export', at('model.safetensors'), ...words]);

describe('sparse-train export', () => {
  it("writes the format that the output's extension implies, and says what it wrote", async () => {
    for (const name of ['network.onnx', 'network.c', 'network.npz', 'dense.safetensors']) {
      const { status, stdout, stderr } = await exporting('--out', at(name), '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { files } = JSON.parse(stdout) as { files: { path: string; bytes: number }[] };
      expect(files[0]?.path).toBe(at(name));
      for (const { path, bytes } of files) expect((await readFile(path)).length).toBe(bytes);
    }
    expect(existsSync(at('network.h'))).toBe(true);
    const shown = await exporting('--out', at('second.onnx'), '--form', 'integer');
    // The line is wrapped if the path is long.
    expect(shown.stdout).toMatch(/integer\s+form,\s+uint8\s+inputs,\s+exact/);
  });

  it('writes event files of a run log', async () => {
    const { status, stdout } = await runHere([
      'export',
      at('run.jsonl'),
      '--format',
      'tensorboard',
      '--out',
      at('runs'),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('tfevents');
  });

  it('keeps what is there unless --force is given, and the model even then', async () => {
    await writeFile(at('there.npz'), 'precious');
    const words = ['export', at('model.safetensors'), '--out'];
    await expectMistake([...words, at('there.npz')], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['there.npz', '--force'],
    });
    expect(await readFile(at('there.npz'), 'utf8')).toBe('precious');
    expect((await exporting('--out', at('there.npz'), '--force')).status).toBe(0);
    await expectMistake([...words, at('model.safetensors'), '--force'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['the model itself'],
    });
    await Network.load(at('model.safetensors'));
  });

  it('refuses formats and options that do not fit each other', async () => {
    const model = at('model.safetensors');
    const mistake = (says: string[]) => ({ status: 2 as const, code: 'INVALID_OPTION', says });
    await expectMistake(['export', model], {
      status: 2,
      code: 'MISSING_ARGUMENT',
      says: ['--out', '(sparse-train export --help)'],
    });
    await expectMistake(['export', model, '--out', at('x.bin')], mistake(['--format', 'onnx']));
    await expectMistake(['export', model, '--out', at('x'), '--format', 'onx'], mistake(['onnx']));
    await expectMistake(
      ['export', model, '--out', at('x.npz'), '--form', 'float'],
      mistake(['--form', 'npz']),
    );
    await expectMistake(['export', model, '--out', at('x.c'), '--input', 'float32'], mistake(['--input']));
    await expectMistake(['export', at('run.jsonl'), '--out', at('x.onnx')], {
      status: 1,
      code: 'INVALID_FILE',
      says: ['run.jsonl'],
    });
  });
});
