import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { runProgram } from '../../lib/cli/program.js';
import { Terminal } from '../../lib/cli/terminal.js';

/** The program as it is installed. */
export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PENGUINS = join(ROOT, 'examples', 'data', 'penguins.csv');

/** The result of one run of the program. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  /** Text for standard input, which is then closed. */
  input?: string;
  /** Whether standard input stays open for more text. */
  keepOpen?: boolean;
  env?: Record<string, string>;
}

/** Starts the program; the promise settles when the program has ended. */
export function start(words: readonly string[], { cwd, input = '', keepOpen = false, env = {} }: RunOptions) {
  expect(existsSync(PROGRAM), 'dist/cli/main.js is not there: npm run build:ts').toBe(true);
  // Vitest's own settings would change the program's colours.
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd, env: { ...inherited, ...env } });
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  if (!keepOpen) child.stdin.end();
  return { child, ended: ended(child) };
}

/** Runs the program to its end. */
export function run(words: readonly string[], options: RunOptions): Promise<Ended> {
  return start(words, options).ended;
}

/** Runs it with --json; expects success and exactly one JSON document. */
export async function runJson(
  words: readonly string[],
  options: RunOptions,
): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await run([...words, '--json'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, ...texts }));
  });
}

/** Keeps what is written to it. With a width it acts as a terminal without colours. */
class Kept extends Writable {
  text = '';
  readonly columns: number;
  readonly isTTY: boolean;

  constructor(columns?: number) {
    super();
    this.columns = columns ?? 80;
    this.isTTY = columns !== undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/**
 * Runs a command line within this process, which is quicker: for what needs no process of its own.
 *
 * @param columns - of the terminal that standard output and standard error are; undefined if they are none
 */
export async function runHere(words: readonly string[], input = '', columns?: number): Promise<Ended> {
  const [stdout, stderr] = [new Kept(columns), new Kept(columns)];
  const terminal = new Terminal({ stdin: Readable.from([Buffer.from(input)]), stdout, stderr });
  const status = await runProgram(words, '0.0.0', terminal);
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** What a refusal must be like. */
export interface Mistake {
  status: 1 | 2;
  code: string;
  /** The message must contain all of these. */
  says: readonly string[];
}

/** Expects a refusal: its exit status, one line with the expected text, and the same as JSON with --json. */
export async function expectMistake(words: readonly string[], mistake: Mistake): Promise<void> {
  const plain = await runHere(words);
  const json = await runHere([...words, '--json']);
  for (const { status, stderr } of [plain, json]) {
    expect({ status, stderr }).toMatchObject({ status: mistake.status });
    expect(stderr).toMatch(/^error: .+\n$/);
    for (const part of mistake.says) expect(stderr).toContain(part);
  }
  expect(plain.stdout).toBe('');
  const { error } = JSON.parse(json.stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe(mistake.code);
  expect(`error: ${error.message}\n`).toBe(json.stderr);
}

/** A folder for the tests of one file, removed after them; the function returns its path. */
export function workFolder(): () => string {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return () => folder;
}
