import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PENGUINS, runHere, workFolder } from './run.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n';
const HTML = '\ufeff<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n';

beforeAll(async () => {
  for (const name of ['file', 'file.toml']) {
    await writeFile(at(`lfs-${name}`), LFS);
    await writeFile(at(`html-${name}`), HTML);
  }
  await writeFile(at('csv'), 'width,height,colour\n1,2,red\n');
});

/** Commands, each with a command line that reads the file. */
const COMMANDS: readonly ((file: string) => string[])[] = [
  (file) => ['inspect', at(file)],
  (file) => ['predict', at(file), PENGUINS],
  (file) => ['evaluate', at(file), '--data', PENGUINS],
  (file) => ['export', at(file), '--out', at('x.onnx')],
  (file) => ['import', at(file), '--out', at('x.safetensors')],
  (file) => ['train', '--data', at(file), '--out', at('x.safetensors')],
  (file) => [
    'train',
    '--data',
    PENGUINS,
    '--on-missing',
    'skip',
    '--test',
    at(file),
    '--out',
    at('x.safetensors'),
  ],
  (file) => ['train', '--images', at(file), '--labels', at(file), '--out', at('x.safetensors')],
  (file) => ['train', '--config', at(file)],
  (file) => ['search', at(`${file}.toml`)],
];

describe('a file that was not fetched or downloaded', () => {
  it('is called what it is by every command', async () => {
    for (const words of COMMANDS) {
      for (const [file, says] of [
        ['lfs-file', 'a pointer of Git LFS'],
        ['html-file', 'an HTML page'],
      ] as const) {
        const line = words(file);
        const { status, stderr } = await runHere(line);
        expect({ line, status, stderr }).toMatchObject({
          line,
          status: 1,
          stderr: expect.stringContaining(says),
        });
        expect(stderr.length).toBeLessThan(400);
      }
    }
  });
});

describe('a table given as a model', () => {
  it('is called a text, with how it starts', async () => {
    for (const words of COMMANDS.slice(0, 5)) {
      const { status, stderr } = await runHere(words('csv'));
      expect(status).toBe(1);
      expect(stderr).toContain('it is a text, such as CSV or JSON, that starts with "width,height,colour"');
    }
  });
});
