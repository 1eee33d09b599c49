/** Text from files stays text: nothing in it acts as a command to a terminal, in a file or in a log. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printable, printableLine } from '../../lib/base/printable.js';
import { createPaint, shown, unpainted } from '../../lib/terminal/paint.js';
import { run, workFolder } from './run.js';

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
      ['report', 'r.jsonl'],
      ['export', 'm.safetensors', '--format', 'c', '--out', 'm.c'],
    ];
    for (const words of commands) {
      const { stdout, stderr } = await run(words, { cwd: folder() });
      expect(OBEYED.exec(stdout + stderr)?.[0], words.join(' ')).toBeUndefined();
      expect(stdout.length, words.join(' ')).toBeGreaterThan(0);
    }
    expect(OBEYED.test(readFileSync(join(folder(), 'r.jsonl'), 'utf8'))).toBe(false);
    expect(OBEYED.test(readFileSync(join(folder(), 'm.c'), 'utf8'))).toBe(false);
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
});
