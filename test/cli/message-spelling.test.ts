/** Every message of the command line spells options as the command line does, so that its advice can be typed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../../lib/index.js';
import { ROOT, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);
const NESTED = join(ROOT, 'test', 'datasets', 'files', 'nested.parquet');

const ROWS = Array.from({ length: 60 }, (_, i) => i);
const table = (head: string, row: (i: number) => readonly unknown[]) =>
  [head, ...ROWS.map((i) => row(i).join(','))].join('\n');
const answer = (i: number) => (i % 7 > i % 5 ? 'yes' : 'no');

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'rows.csv': table('a,b,label', (i) => [i % 7, i % 5, answer(i)]),
  'mixed.csv': table('my column,b,label', (i) => [i % 9 === 3 ? 'x' : i % 7, i % 5, answer(i)]),
  'texts.csv': table('note,b,label', (i) => [`t${i}`, i % 5, answer(i)]),
  'names.csv': table('note,label', (i) => [`t${i}`, answer(i)]),
  'empty.csv': table('a,e,label', (i) => [i % 7, '', answer(i)]),
  'unlabelled.csv': table('a,b,label', (i) => [i % 7, i % 5, '']),
  'words.csv': table('a,b,label', (i) => [i % 7, i % 5, i === 9 ? 'many' : i / 4]),
  'many.csv': table('a,b,label', (i) => [i % 7, i % 5, i]),
  'commas.csv': ['a;b;label', ...ROWS.map((i) => `${i % 3 === 0 ? i : `${i},5`};${i % 5};${answer(i)}`)].join(
    '\n',
  ),
  'same.csv': table('a,a,label', (i) => [i % 7, i % 5, answer(i)]),
  'colons.csv': ['a:b:label', ...ROWS.map((i) => `${i % 7}:${i % 5}:${answer(i)}`)].join('\n'),
  'unknown.csv': table('a,b,label', (i) => [i % 7, i % 5, i === 9 ? 'perhaps' : answer(i)]),
  'missing.csv': table('a,b,label', (i) => [i === 9 ? '' : i % 7, i % 5, answer(i)]),
  'packed.csv.gz': gzipSync(table('a,b,label', (i) => [i % 7, i % 5, answer(i)])),
  'nested.ndjson': ROWS.map((i) => JSON.stringify({ a: [i], b: i % 5, label: answer(i) })).join('\n'),
};

const quick = ['--epochs', '1', '--quiet', '--no-save'];
const train = (file: string, ...more: string[]) => ['train', '--data', file, ...more, ...quick];

/** Command lines with a mistake, run in the folder of the files above, and the advice that each gets. */
const MISTAKES: readonly (readonly [words: readonly string[], advice: string])[] = [
  [train('mixed.csv'), "--categorical 'my column'"],
  [train('names.csv'), '--column'],
  [train('empty.csv', '--on-missing', 'error'), '--ignore e'],
  [train('unlabelled.csv'), 'with --label'],
  [train('words.csv', '--task', 'regress'), '--task classify'],
  [train('many.csv', '--task', 'classify', '--max-categories', '20'), '--task regress'],
  [train('commas.csv'), '--decimal ,'],
  [train('same.csv'), '--header no'],
  [train('colons.csv'), 'with --delimiter'],
  [train('missing.csv', '--on-missing', 'error'), '--on-missing impute'],
  [train('missing.csv', '--on-missing', 'error'), '--on-missing skip'],
  [train('rows.csv', '--categorical', 'label'), '--task classify'],
  [train('rows.csv', '--ignore', 'a,b,label'), '--ignore leaves no column'],
  [train('rows.csv', '--label', 'lable'), 'column in --label'],
  [train('rows.csv', '--test', 'unknown.csv'), '--on-unknown skip'],
  [train('rows.csv', '--test', 'missing.csv', '--on-missing', 'error'), '--on-missing skip'],
  [train('packed.csv.gz', '--max-bytes', '100'), 'raise --max-bytes'],
  [train('nested.ndjson'), '--ignore a'],
  [train('rows.csv', '--output-layer', 'linear'), '--output-layer softmax'],
  [train('rows.csv', '--pattern', 'SS', '--parallelism', '3'), '--pattern: the parallelism z'],
  [train('rows.csv', '--arithmetic', 'hardware', '--decay', 'cosine'), '--decay cosine'],
  [['evaluate', 'rows.safetensors', '--data', 'unknown.csv'], '--on-unknown skip'],
  [['evaluate', 'rows.safetensors', '--data', 'missing.csv', '--on-missing', 'error'], '--on-missing skip'],
  [['evaluate', 'rows.safetensors', '--data', 'rows.csv', '--task', 'regress'], '--task'],
  [['stream', 'many.csv', '--task', 'classify', '--max-classes', '4'], '--max-classes'],
  [['stream', 'rows.csv', '--task', 'regress'], '--task classify'],
  [
    ['stream', 'rows.csv', '--from', 'learner.safetensors', '--window', '20'],
    '--window has no meaning with --from',
  ],
  [['stream', 'rows.csv', '--from', 'learner.safetensors', '--seed', '2'], '--seed'],
  [['stream', 'rows.csv', '--from', 'learner.safetensors', '--task', 'classify'], '--task'],
  [['stream', 'rows.csv', '--from', 'learner.safetensors', '--column', 'a=text'], '--column'],
  [['inspect', 'learner.safetensors', '--junction', '1'], '--junction'],
  ...['xy', '"', '\n'].flatMap((mark) => [
    [train('rows.csv', '--delimiter', mark), '--delimiter must be one character'] as const,
    [
      ['predict', 'rows.safetensors', 'rows.csv', '--delimiter', mark],
      '--delimiter must be one character',
    ] as const,
    [['stream', 'rows.csv', '--delimiter', mark], '--delimiter must be one character'] as const,
  ]),
  [['export', 'rows.safetensors', '--out', 'x.c', '--input', 'uint8'], '--input'],
  [
    ['import', 'weights.safetensors', '--out', 'i.safetensors', '--orientation', 'left-right'],
    '--orientation left-right',
  ],
];

/** `task: 'regress'`, `on-missing: skip` or camelCase: spellings that belong in programs only. */
const API = /\b[a-z]+[A-Z]\w*\b|\b[a-z]+: (?:'[a-z-]+'|true|false)/;

beforeAll(async () => {
  process.chdir(cwd());
  for (const [name, contents] of Object.entries(FILES)) await writeFile(at(name), contents);
  for (const words of [
    ['train', '--data', 'rows.csv', '--epochs', '1', '--quiet', '--layers', '4', '--out', 'rows.safetensors'],
    ['stream', 'rows.csv', '--quiet', '--out', 'learner.safetensors'],
    ['export', 'rows.safetensors', '--format', 'safetensors', '--out', 'weights.safetensors'],
  ])
    expect(await runHere(words), words.join(' ')).toMatchObject({ status: 0 });
  return () => process.chdir(ROOT);
});

it.each(MISTAKES)('%j: %s', async (words, advice) => {
  const { status, stderr } = await runHere(words);
  expect(status).toBeGreaterThan(0);
  expect(stderr).toContain(advice);
  expect(stderr.match(API)?.[0]).toBeUndefined();
});

describe('the same mistakes in a program', () => {
  it('get the spelling of programs', async () => {
    const refusal = (file: string, options = {}) =>
      readTable(at(file), options).then(
        () => '',
        ({ message }: Error) => message,
      );
    expect(await refusal('mixed.csv')).toContain("categorical: 'my column'");
    expect(String((await readTable(at('texts.csv'))).remarks)).toContain("column: { note: 'category' }");
    expect(await refusal('words.csv', { task: 'regress' })).toContain("task: 'classify'");
    expect(await refusal('packed.csv.gz', { maxBytes: 100 })).toContain('raise maxBytes');
    expect(await refusal('nested.ndjson')).toContain("ignore: 'a'");
  });
});

it('says how test data that were left out are counted', async () => {
  const skipping = ['--on-unknown', 'skip', '--on-missing', 'skip'];
  const trained = await runHere([
    'train',
    '--data',
    'rows.csv',
    '--test',
    'unknown.csv',
    ...skipping,
    '--epochs',
    '1',
    '--no-save',
  ]);
  expect(trained.stderr).toBe('left out: 1 row of unknown.csv with missing or unknown values\n');
  const { stdout, stderr } = await runHere([
    'evaluate',
    'rows.safetensors',
    '--data',
    'missing.csv',
    ...skipping,
    '--json',
  ]);
  expect(stderr).toBe('left out: 1 row with missing or unknown values\n');
  expect(JSON.parse(stdout)).toMatchObject({ skipped: 1, examples: 59 });
});

it('finds a nested column of Parquet', async () => {
  const { stderr } = await runHere(train(NESTED));
  expect(stderr).toMatch(/leave it out with --ignore \S+/);
});
