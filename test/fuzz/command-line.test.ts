/** Command lines with options, numbers as text and files as nobody should give them: a result, or one line that refuses. */
import { execFileSync } from 'node:child_process';
import {
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import type { Setting } from '../../lib/cli/settings/setting.js';
import { type Ended, ROOT, runHere } from '../cli/run.js';
import { idxFile, TINY_STUDY } from '../cli/tiny-files.js';
import { damaged, TIMEOUT, tries } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'sparse-train-fuzz-'));
const samples = join(folder, 'samples');
const work = join(folder, 'work');

/** Good files, by the names that command lines use. */
const FILES = [
  'rows.csv',
  'rows.ndjson',
  'ids.parquet',
  'float64.npy',
  'values.npz',
  'images.idx',
  'labels.idx',
  'rows.csv.gz',
  'run.json',
  'study.toml',
  'journal.jsonl',
  'rows.jsonl',
  'rows.safetensors',
  'learner.safetensors',
  'weights.safetensors',
  'rows.onnx',
  'fixture.json',
  'hardware.safetensors',
] as const;
type File = (typeof FILES)[number];

/** The words of each command before its options; `f` gives a file for a place where the named one is good. */
const LINES: readonly ((f: (good: File) => string) => readonly string[])[] = [
  (f) => ['train', '--data', f('rows.csv'), '--epochs', '1'],
  (f) => ['train', '--data', f('rows.ndjson'), '--epochs', '1', '--layers', '4'],
  (f) => ['train', '--data', f('ids.parquet'), '--epochs', '1', '--layers', '4'],
  (f) => ['train', '--data', f('rows.csv'), '--test', f('rows.csv'), '--epochs', '1'],
  (f) => ['train', '--data', f('rows.csv'), '--stream', '--epochs', '1'],
  (f) => ['train', '--images', f('images.idx'), '--labels', f('labels.idx'), '--epochs', '1'],
  (f) => ['train', '--config', f('run.json'), '--epochs', '1'],
  (f) => ['evaluate', f('rows.safetensors'), '--data', f('rows.csv')],
  (f) => ['predict', f('rows.safetensors'), f('rows.csv')],
  (f) => ['predict', f('rows.safetensors'), f('rows.ndjson'), '--to', 'csv'],
  (f) => ['stream', f('rows.csv')],
  (f) => ['stream', f('rows.ndjson'), '--from', f('learner.safetensors')],
  (f) => ['inspect', f('rows.safetensors')],
  (f) => ['inspect', f('learner.safetensors')],
  (f) => ['report', f('rows.jsonl')],
  (f) => ['report', f('rows.safetensors'), '--data', f('rows.csv')],
  (f) => ['report', f('journal.jsonl')],
  (f) => ['export', f('rows.safetensors'), '--out', 'e.onnx'],
  (f) => ['export', f('rows.safetensors'), '--out', 'e.c'],
  (f) => ['export', f('rows.jsonl'), '--format', 'tensorboard', '--out', 'board'],
  (f) => ['import', f('weights.safetensors'), '--out', 'i.safetensors'],
  (f) => ['import', f('values.npz'), '--out', 'i.safetensors'],
  (f) => ['import', f('rows.onnx'), '--out', 'i.safetensors'],
  (f) => ['verify', f('fixture.json')],
  (f) => ['fixture', '--model', f('hardware.safetensors'), '--data', f('rows.csv'), '--out', 'f.json'],
  (f) => ['search', f('study.toml'), '--journal', f('journal.jsonl')],
  (f) => ['replay', f('journal.jsonl'), '--out', 'r.safetensors'],
  () => ['plan', '--layers', '64,16,4'],
  () => ['datasets'],
  () => ['completion', 'bash'],
  () => ['help', 'train'],
];

/** Options whose commands then run on, open a server, or compute for as long as they are told to. */
const LEFT_OUT = [
  '--dashboard',
  '--keep-dashboard',
  '--queue',
  '--download',
  '--epochs',
  '--layers',
  '--jobs',
  '--trials',
];

/** How numbers are written, and are not. */
const NUMBERS = [
  '0',
  '1',
  '2',
  '-1',
  '+1',
  '01',
  '007',
  '1.0',
  '1.5',
  '.5',
  '5.',
  '1e3',
  '1E-2',
  '0x10',
  '0b11',
  '1_000',
  '1,5',
  '1.000,5',
  ' 1',
  '1 ',
  '١',
  '１',
  '½',
  '1/2',
  '50%',
  'Infinity',
  '-Infinity',
  'NaN',
  '1n',
  '9007199254740993',
  '4294967296',
  '2147483648',
  '1e309',
  '-0',
  '',
  '--',
  '-',
  '1,',
  ',1',
  '1,,2',
  '1e',
  '0.1,1',
  '2epochs',
  '0s',
  '1h30m',
  '99999999999999999999h',
];

/** Words that other options take, names, and text that should not reach a terminal. */
const WORDS = [
  'auto',
  'a',
  'label',
  'b,label',
  'A',
  'no such',
  '__proto__',
  'constructor',
  'x'.repeat(3000),
  '\u001b[2J',
  'a\nb',
  '\ufeffa',
  ';',
  '|',
  'tab',
  'space',
  '""',
  '\ud83d\ude00',
  'out.safetensors',
  'no/such/out',
  'samples',
  '.',
  '/',
  '/dev/full',
  '/dev/null',
  '/proc/x',
  'rows.csv',
];

type Give = 'as it is' | 'damaged' | 'another' | 'none';
interface Case {
  words: string[];
  /** By the names that the words use. */
  files: Map<string, Uint8Array>;
}

const settings = new Map<string, readonly Setting<unknown>[]>();
const contents = new Map<File, Buffer>();
let all: Buffer[] = [];

beforeAll(async () => {
  mkdirSync(samples);
  process.chdir(samples);
  for (const entry of COMMANDS)
    settings.set(
      entry.name,
      Object.values((await entry.load()).default.settings).filter(({ flag }) => !LEFT_OUT.includes(flag)),
    );
  const rows = Array.from({ length: 40 }, (_, i) => [i % 7, i % 5, i % 7 > i % 5 ? 'yes' : 'no'] as const);
  const csv = ['a,b,label', ...rows.map((row) => row.join(','))].join('\n');
  writeFileSync('rows.csv', csv);
  writeFileSync('rows.csv.gz', gzipSync(csv));
  writeFileSync('rows.ndjson', rows.map(([a, b, label]) => JSON.stringify({ a, b, label })).join('\n'));
  writeFileSync(
    'run.json',
    JSON.stringify({ data: 'rows.csv', layers: [4], learningRate: 0.01, label: 'label', seed: 3 }),
  );
  writeFileSync(
    'images.idx',
    idxFile(
      8,
      [40, 4, 4],
      Uint8Array.from({ length: 640 }, (_, i) => (i * 37) % 256),
    ),
  );
  writeFileSync(
    'labels.idx',
    idxFile(
      8,
      [40],
      Uint8Array.from({ length: 40 }, (_, i) => i % 3),
    ),
  );
  writeFileSync('study.toml', TINY_STUDY);
  const stored = join(ROOT, 'test', 'datasets', 'files');
  for (const name of ['ids.parquet', 'float64.npy', 'values.npz']) copyFileSync(join(stored, name), name);
  copyFileSync(join(ROOT, 'test/fixtures/hardware-64-16-4.json'), 'fixture.json');
  for (const words of [
    ['train', '--data', 'rows.csv', '--epochs', '1', '--layers', '4', '--quiet', '--out', 'rows.safetensors'],
    [
      'train',
      '--data',
      'rows.csv',
      '--epochs',
      '1',
      '--layers',
      '4',
      '--quiet',
      '--arithmetic',
      'hardware',
      '--out',
      'hardware.safetensors',
    ],
    ['export', 'rows.safetensors', '--out', 'weights.safetensors', '--format', 'safetensors'],
    ['export', 'rows.safetensors', '--out', 'rows.onnx'],
    ['stream', 'rows.csv', '--quiet', '--out', 'learner.safetensors'],
    ['search', 'study.toml', '--journal', 'journal.jsonl'],
  ]) {
    const { status, stderr } = await runHere(words);
    expect(`${status} ${stderr}`, words.join(' ')).toMatch(/^0 /);
  }
  for (const name of FILES) contents.set(name, readFileSync(name));
  all = [...contents.values()];
}, TIMEOUT);
afterAll(() => {
  process.chdir(ROOT);
  rmSync(folder, { recursive: true });
});

/** A command line and the files that it names. */
function cases(): fc.Arbitrary<Case> {
  const give = fc.constantFrom<Give>(
    'as it is',
    'as it is',
    'as it is',
    'damaged',
    'damaged',
    'another',
    'none',
  );
  return fc
    .record({
      line: fc.constantFrom(...LINES),
      gives: fc.array(give, { minLength: 2, maxLength: 2 }),
      others: fc.array(damaged(...all), { minLength: 2, maxLength: 2 }),
      edits: fc.array(
        fc.tuple(fc.nat(1000), fc.boolean(), fc.constantFrom(...NUMBERS, ...WORDS), fc.nat(10)),
        { maxLength: 4 },
      ),
      extra: fc.constantFrom<readonly string[]>(
        [],
        [],
        [],
        ['--json'],
        ['--no-such'],
        ['extra'],
        ['-x'],
        ['--', 'rows.csv'],
      ),
    })
    .chain(({ line, gives, others, edits, extra }) => {
      const places: File[] = [];
      line((good) => {
        places.push(good);
        return good;
      });
      const files = places.map((good, i) => {
        const kind = gives[i] ?? 'as it is';
        const own = contents.get(good) as Buffer;
        if (kind === 'damaged') return damaged(own);
        return fc.constant(kind === 'another' ? others[i] : kind === 'none' ? undefined : own);
      });
      return fc.tuple(...files).map((bytes): Case => {
        const named = new Map<string, Uint8Array>();
        let place = 0;
        const words = line((good) => {
          const content = bytes[place];
          const name = `${place++}-${good}`;
          if (content !== undefined) named.set(name, content);
          return name;
        });
        const options = settings.get(words[0] as string) ?? [];
        const more = edits.flatMap(([at, fits, text, word]) => {
          const setting = options[at % Math.max(1, options.length)];
          if (setting === undefined) return [];
          const { flag, kind, placeholder = kind.placeholder } = setting;
          if (placeholder === undefined) return [flag];
          const known = kind.words ?? [];
          return [flag, fits && known.length > 0 ? (known[word % known.length] as string) : text];
        });
        // The data of a configuration, a run log and a study are found beside them.
        named.set('rows.csv', contents.get('rows.csv') as Buffer);
        const all = [...words, ...more, ...extra];
        // The files are found again with the seed; here only what they are called is of use.
        return { words: all, files: named, [fc.toStringMethod]: () => JSON.stringify(all) } as Case;
      });
    });
}

function prepare({ files }: Case): void {
  process.chdir(folder);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  process.chdir(work);
  for (const [name, bytes] of files) writeFileSync(name, bytes);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What progress lines do with a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they start with an escape
const PROGRESS = /\u001b\[(?:\?\d+[hl]|\d*[KJA])|\r/g;

/** What is wrong with what a command printed. */
function faultOf(
  words: readonly string[],
  { status, stdout, stderr }: Ended,
  columns?: number,
): string | undefined {
  const notes = columns === undefined ? stderr : stderr.replaceAll(PROGRESS, '');
  const told = `${stdout}${notes}`;
  if (/\n {4}at .*:\d+:\d+\)?$|should not happen|\b(?:Range|Type|Syntax|Reference)Error\b/m.test(told))
    return 'a fault of the program';
  if (status !== 0 && status !== 1 && status !== 2) return 'another exit status';
  if (status !== 0 && !/error|FAILED|not possible|"possible": ?false|not equal/.test(told))
    return 'no word of the reason';
  if (status === 2 && !/^error: ./m.test(notes)) return 'no error';
  if (OBEYED.test(told)) return 'control characters';
  if (notes.split('\n').some((line) => line.length > 2100)) return 'a line that is too long';
  const isJson = words.includes('--json') && words[0] !== 'help';
  try {
    if (isJson && stdout !== '') JSON.parse(stdout);
  } catch {
    return 'not one JSON document';
  }
  if (columns !== undefined && !isJson && !['predict', 'completion'].includes(words[0] as string)) {
    // A word that is longer than a line cannot be wrapped.
    const wide = stdout.split('\n').find((line) => line.length > columns && /\S\s+\S/.test(line));
    if (wide !== undefined) return `wider than ${columns} columns: ${wide}`;
  }
  const left = readdirSync(work).filter((name) => name.endsWith('.tmp'));
  return left.length === 0 ? undefined : `left behind: ${left}`;
}

it(
  'end in a result or in one line that says what is wrong',
  async () => {
    const property = fc.asyncProperty(
      cases(),
      fc.constantFrom(undefined, undefined, 80, 40),
      async (tried, columns) => {
        prepare(tried);
        const ended = await runHere(tried.words, '', columns);
        const fault = faultOf(tried.words, ended, columns);
        expect(fault, `${tried.words.join(' ')}\n${JSON.stringify(ended).slice(0, 3000)}`).toBeUndefined();
      },
    );
    await fc.assert(property, tries(60));
  },
  TIMEOUT,
);

/** Commands whose only file may be a pipe. */
const PIPED: readonly ((file: string) => readonly string[])[] = [
  (file) => ['train', '--data', file, '--epochs', '1', '--layers', '4', '--no-save', '--json'],
  (file) => ['train', '--data', file, '--stream', '--epochs', '1', '--layers', '4', '--no-save', '--json'],
  (file) => ['train', '--config', file, '--no-save', '--epochs', '1', '--json'],
  (file) => ['evaluate', '../samples/rows.safetensors', '--data', file, '--json'],
  (file) => ['predict', '../samples/rows.safetensors', file, '--json'],
  (file) => ['stream', file, '--json'],
];

it.runIf(process.platform === 'linux')(
  'give for a pipe and for standard input what they give for a file',
  async () => {
    const text = fc.oneof(
      ...(['rows.csv', 'rows.ndjson', 'rows.csv.gz', 'run.json'] as const).map((name) =>
        fc.constant(name).chain((chosen) => damaged(contents.get(chosen) as Buffer)),
      ),
    );
    const property = fc.asyncProperty(text, fc.constantFrom(...PIPED), async (bytes, line) => {
      prepare({
        words: [],
        files: new Map([
          ['file', bytes],
          ['rows.csv', contents.get('rows.csv') as Buffer],
        ]),
      });
      execFileSync('mkfifo', ['fifo']);
      /** Without what differs from run to run, and the name of the file. */
      const shown = ({ status, stdout, stderr }: Ended) =>
        `${status}\n${stdout}\n${stderr}`
          .replaceAll(/"(?:run|\w*[sS]econds|\w+PerSecond|model|log|date)":[^,}]+/g, '')
          .replaceAll(/\b(?:fifo|file)\b/g, 'FILE');
      const fromFile = await runHere(line('file'));
      const writing = open('fifo', 'w').then(async (handle) => {
        await handle.writeFile(bytes).catch(() => undefined);
        await handle.close();
      });
      const fromPipe = await runHere(line('fifo'));
      const reader = await open('fifo', constants.O_RDONLY | constants.O_NONBLOCK);
      await writing;
      await reader.close();
      for (const ended of [fromFile, fromPipe])
        expect(faultOf(line('file'), ended), JSON.stringify(ended)).toBeUndefined();
      // A pipe may be endless, so it is refused at its first byte that is not text.
      if (fromPipe.status !== 0 && /text|pipe|binary/.test(fromPipe.stderr)) return;
      if (fromFile.status !== 0) expect(fromPipe.status).toBe(fromFile.status);
      else expect(shown(fromPipe)).toBe(shown(fromFile));
    });
    await fc.assert(property, tries(30));
  },
  TIMEOUT,
);
