/** Text from files stays text: nothing in it acts as a command to a terminal, in a file or in a log. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLine } from '../../lib/base/printable.js';
import { createPaint, shown, unpainted } from '../../lib/terminal/paint.js';
import { run, runHere, start, workFolder } from './run.js';

/**
 * Sets the title, clears the screen, writes to the clipboard, reverses the direction of text, forges a line, ends a
 * line.
 */
const HOSTILE = [
  '\u001b]0;title\u0007',
  '\u001b[2J\u009b31m',
  '\u001b]52;c;cHduZWQ=\u0007',
  '\u202egnitirw\u202c',
  'a\u2028b\u0085c',
  'red\u001b[31m',
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('hostile names of classes and columns', () => {
  const folder = workFolder();

  it('reach neither terminal nor files, whatever the command', async () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const rows = Array.from({ length: 60 }, (_, i) =>
      [i % 7, (i * 3) % 5, i % 2, quoted(HOSTILE[i % HOSTILE.length] as string)].join(','),
    );
    const names = [...HOSTILE.slice(0, 3), 'label'].map(quoted).join(',');
    writeFileSync(join(folder(), 'data.csv'), `${names}\n${rows.join('\n')}\n`);
    const commands = [
      [
        'train',
        '--data',
        'data.csv',
        '--label',
        'label',
        '--epochs',
        '2',
        '--out',
        'm.safetensors',
        '--log',
        'r.jsonl',
      ],
      ['inspect', 'm.safetensors'],
      ['inspect', 'm.safetensors', '--json'],
      ['evaluate', 'm.safetensors', '--data', 'data.csv'],
      ['evaluate', 'm.safetensors', '--data', 'data.csv', '--json'],
      ['predict', 'm.safetensors', 'data.csv'],
      ['predict', 'm.safetensors', 'data.csv', '--to', 'csv'],
      ['report', 'r.jsonl', '--out', 'r.html'],
      ['export', 'm.safetensors', '--format', 'c', '--out', 'm.c'],
      ['export', 'm.safetensors', '--format', 'onnx', '--out', 'm.onnx'],
      ['export', 'r.jsonl', '--format', 'tensorboard', '--out', 'board'],
      ['inspect', 'm.safetensors', '--picture', `${HOSTILE[1]}.svg`],
      ['stream', 'data.csv', '--label', 'label', '--out', 'l.safetensors', '--report', 's.html'],
      ['stream', 'data.csv', '--label', 'label', '--json'],
      ['stream', 'data.csv', '--label', HOSTILE[3] as string],
      ['inspect', 'l.safetensors'],
      ['import', 'names.safetensors', '--out', 'i.safetensors'],
      ['verify', 'fixture.json'],
      ['search', 'study.json', '--journal', 's.jsonl', '--report', 'study.html'],
      ['search', 'study.json', '--journal', 's.jsonl', '--json'],
      ['plan', '--layers', HOSTILE[0] as string],
      ['completion', HOSTILE[0] as string],
      ['train', '--data', `${HOSTILE[2]}.csv`],
    ];
    const tensor = { [HOSTILE[0] as string]: { dtype: HOSTILE[1], shape: [1], data_offsets: [0, 4] } };
    const header = Buffer.from(JSON.stringify(tensor));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(folder(), 'names.safetensors'), Buffer.concat([length, header, Buffer.alloc(4)]));
    writeFileSync(
      join(folder(), 'fixture.json'),
      JSON.stringify({ format: HOSTILE[1], [HOSTILE[2] as string]: 1 }),
    );
    const study = {
      name: HOSTILE.join(''),
      trials: 2,
      data: { name: 'mnist', rows: 100 },
      network: { layers: [784, '$width', 10], density: 0.1 },
      fit: { epochs: 1 },
      space: { width: { kind: 'int', low: 4, high: 8 } },
    };
    writeFileSync(join(folder(), 'study.json'), JSON.stringify(study));
    for (const words of commands) {
      const isFile = (word: string) => /\.\w+$|^board$/.test(word);
      const { stdout, stderr } = await runHere(
        words.map((word) => (isFile(word) ? join(folder(), word) : word)),
      );
      expect(OBEYED.exec(stdout + stderr)?.[0], words.join(' ')).toBeUndefined();
      expect((stdout + stderr).length, words.join(' ')).toBeGreaterThan(0);
    }
    const files = readdirSync(folder()).filter((name) => /\.(jsonl|c|h|html|svg)$/.test(name));
    expect(files.length).toBeGreaterThan(6);
    for (const name of files)
      expect(
        OBEYED.exec(readFileSync(join(folder(), name), 'utf8'))?.[0],
        printableLine(name),
      ).toBeUndefined();
  });

  it('reach neither the log, the journal nor the answers of a server, and replay', async () => {
    const file = 'served.safetensors';
    const server = start(['serve', file, '--new', '--port', '0', '--json'], { cwd: folder() });
    const url = await new Promise<string>((resolve) => {
      server.child.stderr.on('data', (part) => {
        const [, found] = /"url":"([^"]*)"/.exec(String(part)) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).text();
    };
    const row = Object.fromEntries(HOSTILE.map((name, i) => [name, i % 2 ? i : name]));
    const answers: string[] = [];
    for (const target of HOSTILE) answers.push(await post('/learn', { row, target }));
    answers.push(await post('/predict', { row, tickets: true }));
    for (const body of [
      { ticket: HOSTILE[4], target: 'a' },
      { row: { [HOSTILE[4] as string]: [1, 'a'] }, target: 'a' },
    ])
      answers.push(await post('/learn', body));
    for (const path of ['/schema', '/history', '/metrics', `/${encodeURIComponent(HOSTILE[4] as string)}`])
      answers.push(await (await fetch(url + path)).text());
    server.child.kill('SIGTERM');
    const { stdout, stderr } = await server.ended;
    const replayed = await run(['replay', `${file}.journal`], { cwd: folder() });
    const journal = readdirSync(join(folder(), `${file}.journal`)).filter((name) =>
      name.endsWith('.journal'),
    );
    const kept = journal
      .map((name) => readFileSync(join(folder(), `${file}.journal`, name), 'utf8'))
      .join('');
    expect(kept.split('\n').length).toBeGreaterThan(HOSTILE.length);
    for (const text of [...answers, stdout, stderr, kept, replayed.stdout, replayed.stderr])
      expect(OBEYED.exec(text)?.[0], text).toBeUndefined();
  });

  it('that a spreadsheet would run are marked as text, numbers are not', async () => {
    const classes = ['=HYPERLINK("x")', '-1+cmd|calc', '@SUM(1)', '-7', '\n=1+1', '\uff1d1+1'];
    const rows = Array.from(
      { length: 120 },
      (_, i) => `${i % 6},"${(classes[i % 6] as string).replaceAll('"', '""')}"`,
    );
    writeFileSync(join(folder(), 'formulas.csv'), `x,label\n${rows.join('\n')}\n`);
    const words = [
      'train',
      '--data',
      'formulas.csv',
      '--label',
      'label',
      '--epochs',
      '60',
      '--out',
      'f.safetensors',
    ];
    await run(words, { cwd: folder() });
    const { stdout } = await run(['predict', 'f.safetensors', 'formulas.csv', '--to', 'csv'], {
      cwd: folder(),
    });
    const fields = stdout.split('\n').map((line) => line.split(',').slice(1).join(','));
    expect(fields.some((field) => /^"?[=@\uff1d]/.test(field))).toBe(false);
    expect(fields.filter((field) => /^"?'[=@-]/.test(field)).length).toBeGreaterThan(0);
  });
});

describe('paint', () => {
  it('turns into colours, and nothing in data does', () => {
    const paint = createPaint(true);
    const painted = `${paint.red(`a ${paint.bold('b')} \u001b[32mc`)}`;
    expect(shown(painted)).toBe('\u001b[31ma \u001b[1mb\u001b[22m \\u001b[32mc\u001b[39m');
    expect(unpainted(painted)).toBe('a b \u001b[32mc');
    expect(createPaint(false).red('a')).toBe('a');
  });

  it('keeps a colour where another one ends inside it', () => {
    const paint = createPaint(true);
    expect(shown(paint.red(`a${paint.green('b')}c`))).toBe(
      '\u001b[31ma\u001b[32mb\u001b[39m\u001b[31mc\u001b[39m',
    );
  });
});

describe('printable text', () => {
  it('keeps lines, or one line', () => {
    expect(printable('a\tb\nc\u0000')).toBe('a\tb\nc\\u0000');
    expect(printableLine('a\tb\nc')).toBe('a\\tb\\nc');
    expect(JSON.parse(printable(JSON.stringify('\u009b\u202e')))).toBe('\u009b\u202e');
  });

  it('has every character escaped that something could obey, in JSON too', () => {
    for (const character of [
      '\u0000',
      '\u001b',
      '\u007f',
      '\u009b',
      '\u061c',
      '\u2028',
      '\u202e',
      '\u2069',
    ]) {
      const json = printableJson({ name: `a${character}b` });
      expect(json).not.toContain(character);
      expect(JSON.parse(json)).toEqual({ name: `a${character}b` });
    }
    expect(printableJson('plain')).toBe('"plain"');
    expect(printableJson('é\u{1f600}')).toBe('"é\u{1f600}"');
  });
});
