/** Every option and argument that takes a file, of every command, is given unsuitable files. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import { type Ended, PROGRAM, ROOT, runHere, workFolder } from './run.js';
import { idxFile, TINY_STUDY } from './tiny-files.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

/** A function that makes a command line with the file that it is given. */
type Line = (file: string) => string[];

const quick = ['--epochs', '1', '--quiet', '--no-save'];
const pair = (images: string, labels: string) => ['--images', images, '--labels', labels];

/** By command and option or argument: a file that is valid there, and the command line. */
const INPUTS: Readonly<Record<string, Readonly<Record<string, readonly [good: string, Line]>>>> = {
  train: {
    '--config': ['run.json', (file) => ['train', '--config', file, ...quick]],
    '--data': ['rows.csv', (file) => ['train', '--data', file, ...quick]],
    '--data --stream': ['rows.csv', (file) => ['train', '--data', file, '--stream', ...quick]],
    '--images': ['images.idx', (file) => ['train', ...pair(file, at('labels.idx')), ...quick]],
    '--labels': ['labels.idx', (file) => ['train', ...pair(at('images.idx'), file), ...quick]],
    '--test': ['rows.csv', (file) => ['train', '--data', at('rows.csv'), '--test', file, ...quick]],
    '--test-images': ['images.idx', (file) => testPair(file, at('labels.idx'))],
    '--test-labels': ['labels.idx', (file) => testPair(at('images.idx'), file)],
  },
  evaluate: {
    model: ['rows.safetensors', (file) => ['evaluate', file, '--data', at('rows.csv')]],
    '--data': ['rows.csv', (file) => ['evaluate', at('rows.safetensors'), '--data', file]],
    '--images': [
      'images.idx',
      (file) => ['evaluate', at('pair.safetensors'), ...pair(file, at('labels.idx'))],
    ],
    '--labels': [
      'labels.idx',
      (file) => ['evaluate', at('pair.safetensors'), ...pair(at('images.idx'), file)],
    ],
  },
  predict: {
    model: ['rows.safetensors', (file) => ['predict', file, at('rows.csv')]],
    input: ['rows.csv', (file) => ['predict', at('rows.safetensors'), file]],
  },
  stream: {
    file: ['rows.csv', (file) => ['stream', file, '--label', 'label', '--quiet']],
    '--from': ['learner.safetensors', (file) => ['stream', at('rows.csv'), '--quiet', '--from', file]],
  },
  inspect: {
    model: ['rows.safetensors', (file) => ['inspect', file]],
    '--importance': ['rows.csv', (file) => ['inspect', at('rows.safetensors'), '--importance', file]],
  },
  report: {
    'run...': ['rows.jsonl', (file) => ['report', file, '--out', at('r.html'), '--force']],
    '--data': ['rows.csv', (file) => [...reported(), '--data', file]],
    '--images': ['images.idx', (file) => [...reportedPair(), ...pair(file, at('labels.idx'))]],
    '--labels': ['labels.idx', (file) => [...reportedPair(), ...pair(at('images.idx'), file)]],
  },
  export: {
    file: ['rows.safetensors', (file) => ['export', file, '--out', at('e.onnx'), '--force']],
    'file of tensorboard': [
      'rows.jsonl',
      (file) => ['export', file, '--format', 'tensorboard', '--out', at('board'), '--force'],
    ],
  },
  import: {
    file: ['weights.safetensors', (file) => ['import', file, '--out', at('i.safetensors'), '--force']],
  },
  verify: { 'files...': ['fixture.json', (file) => ['verify', file]] },
  fixture: {
    '--model': [
      'hardware.safetensors',
      (file) => ['fixture', '--model', file, '--data', 'mnist', '--out', at('f.json')],
    ],
  },
  search: {
    study: ['study.toml', (file) => ['search', file, '--journal', at(`${Math.random()}.jsonl`)]],
    '--journal': ['journal.jsonl', (file) => ['search', at('study.toml'), '--journal', file]],
  },
  bench: { '--results': ['results', (file) => ['bench', 'report', '--results', file, '--out', at('b.md')]] },
};

/** For each command and option: a valid name of a file, and a command line that uses it. */
const OUTPUTS: Readonly<Record<string, Readonly<Record<string, readonly [good: string, Line]>>>> = {
  mnist: {
    '--out': [
      'o.safetensors',
      (file) => ['mnist', '--epochs', '1', '--layers', '4', '--quiet', '--out', file],
    ],
    '--log': [
      'o.jsonl',
      (file) => ['mnist', '--epochs', '1', '--layers', '4', '--quiet', '--no-save', '--log', file],
    ],
  },
  train: {
    '--out': [
      'o.safetensors',
      (file) => ['train', '--data', at('rows.csv'), '--epochs', '1', '--quiet', '--out', file],
    ],
    '--log': ['o.jsonl', (file) => ['train', '--data', at('rows.csv'), ...quick, '--log', file]],
  },
  stream: {
    '--out': ['ol.safetensors', (file) => ['stream', at('rows.csv'), '--quiet', '--out', file]],
    '--report': ['os.html', (file) => ['stream', at('rows.csv'), '--quiet', '--report', file]],
  },
  inspect: { '--picture': ['o.svg', (file) => ['inspect', at('rows.safetensors'), '--picture', file]] },
  report: { '--out': ['o.html', (file) => ['report', at('rows.jsonl'), '--out', file]] },
  export: {
    '--out': ['o.onnx', (file) => ['export', at('rows.safetensors'), '--format', 'onnx', '--out', file]],
    '--out of tensorboard': [
      'board',
      (file) => ['export', at('rows.jsonl'), '--format', 'tensorboard', '--out', file],
    ],
  },
  import: { '--out': ['o.safetensors', (file) => ['import', at('weights.safetensors'), '--out', file]] },
  fixture: {
    '--out': ['o.json', (file) => [...fixture(), '--out', file]],
    '--memories': ['memories', (file) => [...fixture(), '--out', at('f.json'), '--memories', file]],
  },
  search: {
    '--journal': ['o.jsonl', (file) => ['search', at('study.toml'), '--journal', file]],
    '--report': [
      'o.html',
      (file) => ['search', at('study.toml'), '--journal', at('journal.jsonl'), '--report', file],
    ],
  },
};

/**
 * Options and arguments that are left out here, each with the reason: they take no file of the user's, or need an hour,
 * a server or a GPU.
 */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  completion: { shell: 'a word' },
  datasets: { action: 'a word', 'names...': 'names' },
  reproduce: {
    study: 'a name',
    '--out': 'a folder, written after trainings of minutes by the writer that train has',
  },
  serve: {
    model: 'it runs until it is stopped; test/serve/commands.test.ts gives it files that are no models',
  },
  worker: { '--data-directory': 'a folder, read when a job asks for a data set' },
  replay: {
    journal: 'a folder that serve has written; test/serve/commands.test.ts gives it what is none',
    '--out': 'written by the writer that serve has; test/serve/commands.test.ts names what it refuses',
  },
  bench: {
    what: 'a word',
    '--against': 'a build, started as a process',
    '--out': 'written after minutes by the writer that report has',
    '--json-out': 'written after minutes by the writer that report has',
  },
};

const testPair = (images: string, labels: string) => [
  ...['train', ...pair(at('images.idx'), at('labels.idx')), ...quick],
  ...['--test-images', images, '--test-labels', labels],
];
const reported = () => ['report', at('rows.safetensors'), '--out', at('r.html'), '--force'];
const reportedPair = () => ['report', at('pair.safetensors'), '--out', at('r.html'), '--force'];
const fixture = () => ['fixture', '--model', at('hardware.safetensors'), '--data', 'mnist', '--inputs', '2'];

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Files that no command can use anywhere. */
function hostileInputs(): Record<string, string> {
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(at(name), content);
    return at(name);
  };
  const random = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 13);
  const depth = 200_000;
  const bomb = Buffer.from(`{"a":${nested(depth)}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bomb.length));
  symlinkSync('loop', at('loop'));
  const fifo = at('empty.fifo');
  execFileSync('mkfifo', [fifo]);
  return {
    'no file': at('no such file'),
    'no folder': at('no/such/folder'),
    'below a file': join(at('rows.csv'), 'x'),
    'a loop of links': at('loop'),
    'a name that is too long': at('n'.repeat(300)),
    'an empty folder': mkdirSync(at('an empty folder'), { recursive: true }) ?? at('an empty folder'),
    'an empty file': write('empty', ''),
    '/dev/null': '/dev/null',
    'bytes at random': write('random', random),
    zeros: write('zeros', new Uint8Array(10_000)),
    'a line that never ends': write('line', 'a'.repeat(3_000_000)),
    'a web page': write('page', '<!DOCTYPE html><html><body>404</body></html>\n'),
    'nested lists': write('lists', nested(depth)),
    'nested objects': write('objects', `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    'a row of nested lists': write('row', `{"type":"start","a":1,"b":${nested(depth)},"label":"x"}\n`),
    'a nested header': write('header', Buffer.concat([length, bomb])),
    'a gzip stream that is cut off': write('cut.gz', gzipSync(random).subarray(0, 5000)),
  };
}

function hostileOutputs(): Record<string, string> {
  return {
    'no folder': at('no/such/folder/x'),
    'below a file': join(at('rows.csv'), 'x'),
    'a loop of links': at('loop'),
    'a name that is too long': at('n'.repeat(300)),
    'a folder':
      mkdirSync(at('a full folder/x'), { recursive: true }) === undefined
        ? at('a full folder')
        : at('a full folder'),
    '/dev/full': '/dev/full',
    '/proc': '/proc/x',
    "someone else's file": at('rows.csv'),
  };
}

/** What is wrong with a refusal. It should be one short line that states the fault, without a stack trace. */
function faultOf({ status, stdout, stderr }: Ended): string | undefined {
  const told = `${stdout}${stderr}`;
  const shown = `${status}: ${told.slice(0, 300)}`;
  if (/\n {4}at |should not happen|RangeError|TypeError/.test(told))
    return `a fault of the program: ${shown}`;
  if (status !== 1 && status !== 2) return `no refusal: ${shown}`;
  if (!/error|FAILED/.test(told)) return `no error: ${shown}`;
  return told.split('\n').some((line) => line.length > 1500) ? `too long: ${shown}` : undefined;
}

/** By command and place: what a command may do with a file that is hostile in other places. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'predict input': { 'an empty file': 'no rows', '/dev/null': 'no rows' },
  'search --journal': {
    'no file': 'a new journal',
    'an empty file': 'a new journal',
    zeros: 'a power cut leaves them of a new journal',
  },
  'inspect --picture': { "someone else's file": 'replaced, as the user says' },
  'fixture --out': { "someone else's file": 'replaced, as the user says' },
  'fixture --memories': { 'no folder': 'made', 'a folder': 'gets the files' },
  'export --out of tensorboard': { 'no folder': 'made', 'a folder': 'gets another folder' },
};

/** Gives a command all files of a kind, and returns its mistakes. */
async function faultsWith(
  files: Readonly<Record<string, string>>,
  place: string,
  line: Line,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, file] of Object.entries(files)) {
    if (ALLOWED[place]?.[what] !== undefined) continue;
    const fault = faultOf(await runHere(line(file)));
    if (fault !== undefined) faults.push(`${what}: ${fault}`);
  }
  return faults;
}

beforeAll(async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 5},${i % 7 > i % 5 ? 'yes' : 'no'}`);
  await writeFile(at('rows.csv'), ['a,b,label', ...rows].join('\n'));
  await writeFile(at('run.json'), JSON.stringify({ data: at('rows.csv'), layers: [4] }));
  const images = Uint8Array.from({ length: 60 * 16 }, (_, i) => (i * 37) % 256);
  await writeFile(at('images.idx'), idxFile(8, [60, 4, 4], images));
  await writeFile(
    at('labels.idx'),
    idxFile(
      8,
      [60],
      Uint8Array.from({ length: 60 }, (_, i) => i % 3),
    ),
  );
  await writeFile(at('study.toml'), TINY_STUDY);
  copyFileSync(join(ROOT, 'test/fixtures/hardware-64-16-4.json'), at('fixture.json'));
  mkdirSync(at('results'));
  for (const words of [
    ['train', '--data', at('rows.csv'), '--epochs', '1', '--quiet', '--out', at('rows.safetensors')],
    [
      'train',
      ...pair(at('images.idx'), at('labels.idx')),
      '--epochs',
      '1',
      '--quiet',
      '--out',
      at('pair.safetensors'),
    ],
    ['mnist', '--arithmetic', 'hardware', '--epochs', '1', '--quiet', '--out', at('hardware.safetensors')],
    ['export', at('rows.safetensors'), '--out', at('weights.safetensors'), '--format', 'safetensors'],
    ['stream', at('rows.csv'), '--quiet', '--out', at('learner.safetensors')],
    ['search', at('study.toml'), '--journal', at('journal.jsonl')],
  ]) {
    const { status, stderr } = await runHere(words);
    expect(`${status} ${stderr}`, words.join(' ')).toMatch(/^0 /);
  }
}, 200_000);

it('knows every option and argument that takes a file', async () => {
  for (const entry of COMMANDS) {
    const { default: spec } = await entry.load();
    const flags = Object.values(spec.settings).flatMap(({ kind, flag }) => (kind.isPath ? [flag] : []));
    const names = [...(spec.arguments ?? []).map(({ name }) => name), ...flags];
    const known = [INPUTS, OUTPUTS, ELSEWHERE].flatMap((table) => Object.keys(table[entry.name] ?? {}));
    for (const name of names) expect(known, `${entry.name} ${name}`).toContain(name);
  }
});

const placesOf = (table: typeof INPUTS) =>
  Object.entries(table).flatMap(([command, places]) =>
    Object.entries(places).map(([place, [good, line]]) => [command, place, good, line] as const),
  );

describe.runIf(process.platform === 'linux')('hostile files', () => {
  let inputs: Record<string, string>;
  let outputs: Record<string, string>;
  beforeAll(() => {
    inputs = hostileInputs();
    outputs = hostileOutputs();
  });

  it.each(placesOf(INPUTS))(
    '%s %s refuses what it cannot read, in one line',
    { timeout: 200_000 },
    async (command, place, _, line) => {
      expect(await faultsWith(inputs, `${command} ${place}`, line)).toEqual([]);
    },
  );

  it.each(placesOf(OUTPUTS))(
    '%s %s refuses what it cannot write, in one line',
    { timeout: 200_000 },
    async (command, place, _, line) => {
      const before = await readFile(at('rows.csv'));
      expect(await faultsWith(outputs, `${command} ${place}`, line)).toEqual([]);
      expect((await readFile(at('rows.csv'))).equals(before)).toBe(true);
      expect(readdirSync(cwd()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );
});

/** The outcome of a process, which is killed if it takes too long or more memory than it may. */
async function confined(words: readonly string[], input?: string): Promise<Ended> {
  // V8 reserves a gigabyte of addresses. A program that reads without end exceeds the rest within seconds.
  const script = `ulimit -v 4000000; exec timeout 60 "$0" "$@"${input === undefined ? '' : ` <${input}`}`;
  const child = spawn('sh', ['-c', script, process.execPath, PROGRAM, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdin.end();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, ...texts };
}

describe.runIf(process.platform === 'linux')('files that never end', () => {
  it.each(placesOf(INPUTS))(
    '%s %s gives up /dev/zero and /dev/urandom',
    { timeout: 300_000 },
    async (_, __, ___, line) => {
      const faults: string[] = [];
      for (const file of ['/dev/zero', '/dev/urandom']) {
        const fault = faultOf(await confined(line(file)));
        if (fault !== undefined) faults.push(`${file}: ${fault}`);
      }
      expect(faults).toEqual([]);
    },
  );
});

describe.runIf(process.platform === 'linux')('pipes', () => {
  /** Files that are read at several positions, and outputs that need a name beside them, which a pipe does not have. */
  const FILES_ONLY =
    /(model|--model|-images|--images|-labels|--labels|^stream --from|^export file|^report run...|^search .*|^bench .*)$/;

  it.each(placesOf(INPUTS))(
    '%s %s is read from one, or it says that it must be a file',
    { timeout: 200_000 },
    async (command, place, good, line) => {
      const fifo = at(`${command} ${place}.fifo`.replaceAll(' ', '-'));
      execFileSync('mkfifo', [fifo]);
      const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', at(good), fifo], { stdio: 'ignore' });
      try {
        const ended = await runHere(line(fifo));
        if (FILES_ONLY.test(`${command} ${place}`)) expect(faultOf(ended)).toBeUndefined();
        else expect(`${ended.status} ${ended.stderr}`).toMatch(/^0 /);
      } finally {
        writer.kill();
      }
    },
  );
});

it.runIf(process.platform === 'linux')(
  'paths in a configuration from a pipe start at the working folder',
  async () => {
    const fifo = at('config.fifo');
    execFileSync('mkfifo', [fifo]);
    const config = JSON.stringify({ data: relative(process.cwd(), at('rows.csv')), layers: [4] });
    const writer = spawn('sh', ['-c', 'printf %s "$0" > "$1"', config, fifo], { stdio: 'ignore' });
    try {
      const { status, stderr } = await runHere(['train', '--config', fifo, ...quick]);
      expect(`${status} ${stderr}`).toMatch(/^0 /);
    } finally {
      writer.kill();
    }
  },
);

describe.runIf(process.platform === 'linux')('standard output that cannot be written', () => {
  const commands = [
    ['--version'],
    ['--help'],
    ['train', '--help'],
    ['datasets', '--json'],
    ['plan', '--layers', '64,16,4'],
  ];
  const withModel = () => [
    ['inspect', at('rows.safetensors')],
    ['predict', at('rows.safetensors'), at('rows.csv')],
    ['evaluate', at('rows.safetensors'), '--data', at('rows.csv'), '--json'],
    ['train', '--data', at('rows.csv'), '--epochs', '1', '--out', at('full.safetensors')],
    ['verify', at('fixture.json')],
  ];

  it.each(['>/dev/full', '>&-', '| true', '2>/dev/full', '2>&-', '2>&1 | true'])(
    'sh: %s leaves no trace',
    { timeout: 200_000 },
    async (redirection) => {
      for (const words of [...commands, ...withModel()]) {
        const script = `"$0" "$@" ${redirection}`;
        const child = spawn('sh', ['-c', script, process.execPath, PROGRAM, ...words], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let told = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (text: Buffer) => (told += text.toString()));
        await new Promise((resolve) => child.on('close', resolve));
        expect(told, `${words.join(' ')} ${redirection}`).not.toMatch(/\n {4}at |node:|should not happen/);
      }
      expect(existsSync(at('full.safetensors'))).toBe(true);
    },
  );

  it.each([18, 20, 22, 24, 26])('%i open files at most end in words, not in a trace', async (files) => {
    for (const words of withModel()) {
      const child = spawn(
        'sh',
        ['-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, PROGRAM, ...words],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let told = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => (told += text.toString()));
      const status = await new Promise((resolve) => child.on('close', resolve));
      expect(told, words.join(' ')).not.toMatch(/\n {4}at |should not happen/);
      if (status !== 0) expect(told).toContain('too many open files');
    }
  });
});
