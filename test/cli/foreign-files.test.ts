import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
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

describe('a file of another format', () => {
  const safetensors = (json: string) =>
    Buffer.concat([Buffer.of(json.length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(json)]);
  const FORMATS: readonly (readonly [content: string | Uint8Array, says: string])[] = [
    [Buffer.from('PAR1\x15\x04\x15p', 'latin1'), 'a Parquet file'],
    [Buffer.from('\x93NUMPY\x01\0v\0{', 'latin1'), 'an array of NumPy'],
    [Buffer.from('\x89HDF\r\n\x1a\n\0\0\0', 'latin1'), 'an HDF5 file'],
    [Buffer.from('\x08\x0a\x12\x07pytorch\x3a\x05', 'latin1'), 'an ONNX model'],
    [Buffer.from('\x80\x04\x95\x0c\0\0\0\0\0\0\0', 'latin1'), 'a pickle of Python'],
    [Buffer.from('BZh91AY&SY\0\0\0', 'latin1'), 'a bzip2 file'],
    [Buffer.from('GGUF\x03\0\0\0\x01\0\0\0', 'latin1'), 'a GGUF file'],
    [Buffer.from('ORC\n\x03\0\0\0\0', 'latin1'), 'an ORC file'],
    ['% Title\n%\n@relation iris\n@attribute a numeric\n', 'an ARFF file; save it as CSV'],
    ['<?xml version="1.0"?>\n<rows/>\n', 'an XML document'],
    ['%PDF-1.4\n1 0 obj\n', 'a PDF document'],
  ];
  /** What reads neither Parquet nor NumPy. */
  const READERS: readonly ((file: string) => string[])[] = [
    ...COMMANDS.slice(0, 5),
    (file) => ['train', '--config', at(file)],
    (file) => ['search', at(`${file}.toml`)],
    (file) => ['verify', at(file)],
    (file) => ['report', at(file), '--out', at('x.html')],
  ];

  it('is called by its format in every command', async () => {
    for (const [content, says] of FORMATS) {
      for (const name of ['foreign', 'foreign.toml']) await writeFile(at(name), content);
      for (const words of READERS) {
        const line = words('foreign');
        const { status, stdout, stderr } = await runHere(line);
        const told = `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
        expect({ line, status, told }).toMatchObject({
          line,
          status: 1,
          told: expect.stringContaining(says),
        });
        expect(told).not.toMatch(/Unexpected token|bytes long/);
      }
    }
  });

  it('is called by its format where a table is expected', async () => {
    for (const [content, says] of [
      ...FORMATS.slice(2),
      [Buffer.from('\0\0\x08\x01\0\0\0\x02ab', 'latin1'), 'an IDX file'] as const,
      [safetensors('{"__metadata__":{}}'), 'a safetensors file'] as const,
    ]) {
      await writeFile(at('foreign'), content);
      for (const words of [
        ['train', '--data', at('foreign'), '--no-save'],
        ['stream', at('foreign')],
      ]) {
        const { status, stderr } = await runHere(words);
        expect({ words, status, stderr }).toMatchObject({
          words,
          status: 1,
          stderr: expect.stringContaining(says),
        });
      }
    }
  });

  it('is told from a table whose first column has such a name', async () => {
    await writeFile(at('names.csv'), `ORC,größe,label\n${'1,2,yes\n3,4,no\n'.repeat(10)}`);
    const { status, stderr } = await runHere([
      'train',
      '--data',
      at('names.csv'),
      '--epochs',
      '1',
      '--no-save',
    ]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  it('is named if it is an archive of another program', async () => {
    for (const [entry, says] of [
      ['xl/workbook.xml', 'a workbook of Excel'],
      ['archive/data.pkl', 'a file of PyTorch'],
    ] as const) {
      await writeFile(at('archive'), zipSync({ [entry]: Uint8Array.of(1) }));
      const { status, stderr } = await runHere(['train', '--data', at('archive')]);
      expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining(says) });
    }
  });
});
