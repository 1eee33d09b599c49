#!/usr/bin/env node
/**
 * Runs the code in README.md and docs/: `node scripts/run-docs.mjs [PAGE...]`, after `npm run build`.
 *
 * How to write code into the documentation, so that it is tested and cannot grow old:
 *
 * - Put it into a fenced block with its language. The blocks of a page are run from top to bottom in one temporary folder,
 *   which the next page does not see; so a later block may use files that an earlier one wrote. In that folder
 *   the package is installed, `npx sparse-train` works (`sparse-train` alone does not), and examples/ is there.
 * - `js` and `mjs` blocks are programs of their own (modules; top-level await works); `ts` blocks are also type-checked.
 * - `sh` and `bash` blocks are scripts: the first command that fails fails the page. `console` blocks show commands behind
 *   `$ ` and what they print: the commands are run, what they print is not compared.
 * - `json` blocks are parsed. Blocks without a language (what a program prints) are not run; those of other languages need
 *   one of the comments below, so that nothing is left out silently.
 * - A comment on the line before a block changes that; readers do not see it, whoever edits the page does:
 *     <!-- file: server.mjs -->        written to that file instead of being run, for the blocks after it
 *     <!-- not run: needs Redis -->    left out, and why; the reason is printed
 *     <!-- fails: 1 -->                a script that is to end with this exit status
 * - Commands must not hide in indented blocks, which are for formulas and the like.
 *
 * A block has two minutes. Keep them small: a few epochs of a small network show as much as many of a large one.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { fail, root } from './run.mjs';

const TIMEOUT = 120_000;

/** @typedef {{ language: string, text: string, line: number, mark: { kind: string, value: string } | undefined }} Block */

/** The fenced blocks of a page, with the mark before each. @param {string} page @returns {Block[]} */
function blocksOf(page) {
  const lines = readFileSync(page, 'utf8').split('\n');
  const blocks = [];
  for (let i = 0; i < lines.length; i++) {
    const line = /** @type {string} */ (lines[i]);
    const fence = /^( *)(`{3,}|~{3,})\s*([\w+-]*)/.exec(line);
    if (fence === null) {
      if (/^ {4}\s*(npm|npx|node|bash|curl|sparse-train|import) /.test(line) && lines[i - 1]?.trim() === '')
        fail(`${relative(root, page)}:${i + 1}: a command in an indented block is not run; fence it`);
      continue;
    }
    const [, indent = '', marks = '', language = ''] = fence;
    const end = lines.findIndex((other, at) => at > i && other.trim() === marks);
    if (end === -1) fail(`${relative(root, page)}:${i + 1}: this block has no end`);
    const text = lines.slice(i + 1, end).map((each) => each.slice(indent.length));
    const mark = /^\s*<!-- *(file|not run|fails): *(.*?) *-->$/.exec(lines[i - 1] ?? '');
    blocks.push({
      language: language.toLowerCase(),
      text: `${text.join('\n')}\n`,
      line: i + 1,
      mark: mark === null ? undefined : { kind: /** @type {string} */ (mark[1]), value: mark[2] ?? '' },
    });
    i = end;
  }
  return blocks;
}

/** A folder in which the package is installed. */
function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-train-docs-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(root, join(modules, 'sparse-train'), 'dir');
  symlinkSync(join(root, 'dist', 'cli', 'main.js'), join(modules, '.bin', 'sparse-train'));
  symlinkSync(join(root, 'node_modules', '@types'), join(modules, '@types'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  return folder;
}

/** The commands of a console block: those after `$ `, with their continuation lines. @param {string} text */
function commandsOf(text) {
  const commands = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const start = /^\$ (.*)$/.exec(/** @type {string} */ (lines[i]));
    if (start === null) continue;
    let command = /** @type {string} */ (start[1]);
    while (i + 1 < lines.length && !isWhole(command)) command += `\n${lines[++i]}`;
    commands.push(command);
  }
  return commands.join('\n');
}

/** Whether a command is complete, so that a shell would not wait for more lines. @param {string} command */
function isWhole(command) {
  return !command.endsWith('\\') && spawnSync('bash', ['-n', '-c', command]).status === 0;
}

/** The compiler's messages about a program; empty if there are none. @param {string} file */
function typeErrors(file) {
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const program = ts.createProgram([file], options);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    .join('\n');
}

/**
 * Runs a block; returns what is wrong, or undefined. @param {Block} block @param {string} folder @param
 * {number} number
 */
function runBlock({ language, text, mark }, folder, number) {
  const expected = mark?.kind === 'fails' ? Number(mark.value) : 0;
  const start = (/** @type {string} */ command, /** @type {string[]} */ words) => {
    const result = spawnSync(command, words, {
      cwd: folder,
      encoding: 'utf8',
      timeout: TIMEOUT,
    });
    if (result.status === expected) return undefined;
    return `exit status ${result.status ?? result.error?.message ?? result.signal}, not ${expected}\n${result.stdout}${result.stderr}`;
  };
  switch (language) {
    case 'js':
    case 'javascript':
    case 'mjs': {
      writeFileSync(join(folder, `block-${number}.mjs`), text);
      return start(process.execPath, [`block-${number}.mjs`]);
    }
    case 'ts':
    case 'typescript': {
      const file = join(folder, `block-${number}.mts`);
      writeFileSync(file, text);
      const errors = typeErrors(file);
      if (errors !== '') return errors;
      const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
      writeFileSync(
        join(folder, `block-${number}.mjs`),
        ts.transpileModule(text, { compilerOptions }).outputText,
      );
      return start(process.execPath, [`block-${number}.mjs`]);
    }
    case 'sh':
    case 'bash':
      return start('bash', ['-euo', 'pipefail', '-c', text]);
    case 'console':
      // `| head` ends a program before it has finished.
      return start('bash', ['-eu', '-c', commandsOf(text)]);
    case 'json':
      try {
        JSON.parse(text);
        return undefined;
      } catch (error) {
        return String(error);
      }
    default:
      return undefined;
  }
}

const RUNNABLE = ['js', 'javascript', 'mjs', 'ts', 'typescript', 'sh', 'bash', 'console', 'json'];

/** Runs the blocks of a page; returns how many failed. @param {string} page */
function runPage(page) {
  const name = relative(root, page);
  const blocks = blocksOf(page).filter(({ language, mark }) => mark !== undefined || language !== '');
  if (blocks.length === 0) return 0;
  console.log(`\n${name}`);
  const folder = workFolder();
  let failures = 0;
  try {
    for (const [i, block] of blocks.entries()) {
      const where = `  line ${String(block.line).padEnd(4)} ${block.language.padEnd(8)}`;
      if (block.mark?.kind === 'not run') {
        if (block.mark.value === '') fail(`${name}:${block.line}: say why it is not run`);
        console.log(`${where} not run: ${block.mark.value}`);
        continue;
      }
      if (block.mark?.kind === 'file') {
        const file = resolve(folder, block.mark.value);
        if (relative(folder, file).startsWith('..'))
          fail(`${name}:${block.line}: ${file} is outside the folder`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, block.text);
        console.log(`${where} written to ${block.mark.value}`);
        continue;
      }
      if (!RUNNABLE.includes(block.language))
        fail(
          `${name}:${block.line}: ${block.language} cannot be run here; say so with <!-- not run: why -->`,
        );
      const begun = performance.now();
      const problem = runBlock(block, folder, i + 1);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`${where} ${problem === undefined ? 'ok' : 'FAILED'} (${seconds} s)`);
      if (problem === undefined) continue;
      failures++;
      console.log(`${block.text}\n${problem}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}

const named = process.argv.slice(2).map((page) => resolve(page));
const docs = readdirSync(join(root, 'docs'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.md') && !name.startsWith('api'))
  .sort();
const pages =
  named.length > 0 ? named : [join(root, 'README.md'), ...docs.map((name) => join(root, 'docs', name))];
const failures = pages.reduce((sum, page) => sum + runPage(page), 0);
console.log(failures === 0 ? '\nall code in the documentation runs' : `\n${failures} blocks failed`);
process.exitCode = failures === 0 ? 0 : 1;
