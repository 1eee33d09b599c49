import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOptions, type Option, type Table } from '../../lib/base/options/table.js';
import { readConfigFile } from '../../lib/cli/config-file.js';
import { networkSettings } from '../../lib/cli/settings/network.js';
import { addSettings, commandSpelling, type Settings } from '../../lib/cli/settings/setting.js';
import { trainingSettings } from '../../lib/cli/settings/training.js';
import { MAX_NEURONS } from '../../lib/engine/limits.js';
import { Dataset, type FitOptions, Network, type NetworkOptions, SparseTrainError } from '../../lib/index.js';
import { HARDWARE, WIDE } from '../../lib/network/arithmetic.js';
import { OPTIMIZER } from '../../lib/network/optimizer.js';
import { NETWORK, resolveOptions } from '../../lib/network/options.js';
import { LEARNER } from '../../lib/online/options.js';
import { createStudy, type StudyDefinition } from '../../lib/public/search.js';
import { AUGMENT } from '../../lib/training/augmentation.js';
import type { Checkpoint } from '../../lib/training/checkpoint/checkpoint.js';
import { readNewest, writeCheckpoint } from '../../lib/training/checkpoint/file.js';
import { CHECKPOINT_EVERY } from '../../lib/training/checkpoint/options.js';
import { DYNAMIC_PATTERN } from '../../lib/training/dynamic-pattern.js';
import { EARLY_STOPPING } from '../../lib/training/early-stopping.js';
import { FIT, planFit } from '../../lib/training/fit-options.js';

/** The other options that an option, or one of its values, needs. */
type Needs = (path: string, value: unknown) => object;

const rows = (table: Table, prefix: string, needs: Needs, skipped: readonly string[] = []) =>
  Object.entries(table)
    .filter(([name, { kind }]) => kind.bounds !== undefined && !skipped.includes(name))
    .map(([name, entry]) => ({ path: `${prefix}${name}`, name, entry, needs }));

const adamNeeds: Needs = (path, value) => {
  const isAdam = value === 'adam' || value === 'adamw' || /beta|epsilon/.test(path);
  return isAdam ? { arithmetic: { kind: 'float' }, optimizer: { kind: 'adam' } } : {};
};

const NETWORK_ROWS = [
  // How many neurons and edges there may be depends on other options as well; see below.
  ...rows(NETWORK, '', () => ({ arithmetic: { kind: 'float' } }), ['layers', 'fanOut', 'parallelism']),
  ...rows(WIDE, 'arithmetic.', () => ({ arithmetic: { kind: 'wide' } })),
  ...rows(HARDWARE, 'arithmetic.', (path) => ({
    arithmetic: { kind: 'hardware', width: path.endsWith('integerBits') ? 32 : 12, integerBits: 0 },
  })),
  ...rows(OPTIMIZER, 'optimizer.', adamNeeds),
];

const FIT_ROWS = [
  ...rows(FIT, '', (path) => (path === 'calibration' ? { validation: 0.5 } : {}), [
    'signal',
    'classWeights',
    'log',
  ]),
  ...rows(EARLY_STOPPING, 'earlyStopping.', () => ({})),
  ...rows(DYNAMIC_PATTERN, 'dynamicPattern.', () => ({ dynamicPattern: { method: 'set' } })),
  ...rows(AUGMENT, 'augment.', () => ({ augment: { shift: 1, mirror: true } }), ['width']),
  ...rows(CHECKPOINT_EVERY, 'checkpoint.every.', () => ({ checkpoint: { file: 'x' } })),
];

/** The needed options and the option itself, as one object. */
function optionsWith(path: string, value: unknown, needs: object): Record<string, unknown> {
  const options = structuredClone(needs) as Record<string, unknown>;
  const names = path.split('.');
  let place = options;
  for (const name of names.slice(0, -1)) {
    place[name] ??= {};
    place = place[name] as Record<string, unknown>;
  }
  place[names.at(-1) as string] = value;
  return options;
}

function refusalOf(action: () => unknown): SparseTrainError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SparseTrainError);
    return error as SparseTrainError;
  }
}

const boundsOf = ({ kind }: Option) => kind.bounds ?? { within: [], beyond: [] };

describe('the documented bounds of an option', () => {
  it.each(NETWORK_ROWS.map((row) => [row.path, row] as const))(
    'of a network hold in the API: %s',
    (path, { entry, needs }) => {
      const make = (value: unknown) => () =>
        resolveOptions({
          layers: [4, 4, 2],
          ...optionsWith(path, value, needs(path, value)),
        } as unknown as NetworkOptions);
      for (const value of boundsOf(entry).within)
        expect(refusalOf(make(value)), String(value)).toBeUndefined();
      for (const value of boundsOf(entry).beyond) {
        expect(refusalOf(make(value)), String(value)).toMatchObject({
          code: 'INVALID_OPTION',
          option: path,
          expected: expect.any(String),
        });
      }
    },
  );

  it.each(FIT_ROWS.map((row) => [row.path, row] as const))(
    'of fit() hold in the API: %s',
    (path, { entry, needs }) => {
      const { core } = new Network({ layers: [4, 4, 2], density: 0.5 }) as unknown as {
        core: Parameters<typeof planFit>[1];
      };
      const make = (value: unknown) => () =>
        planFit(optionsWith(path, value, needs(path, value)) as FitOptions, core, false);
      for (const value of boundsOf(entry).within)
        expect(refusalOf(make(value)), String(value)).toBeUndefined();
      for (const value of boundsOf(entry).beyond) {
        expect(refusalOf(make(value)), String(value)).toMatchObject({ code: 'INVALID_OPTION' });
      }
    },
  );

  it('of layers are those of the engine', () => {
    const make = (neurons: number) => () => resolveOptions({ layers: [neurons, 2] });
    expect([1, MAX_NEURONS].map((neurons) => refusalOf(make(neurons)))).toEqual([undefined, undefined]);
    for (const neurons of [0, MAX_NEURONS + 1])
      expect(refusalOf(make(neurons))).toMatchObject({ option: 'layers[0]' });
  });
});

describe("a learner's options", () => {
  it.each(Object.entries<Option>(LEARNER))('have the documented bounds: %s', (name, entry) => {
    const check = (value: unknown) => () => checkOptions('learner options', LEARNER, { [name]: value });
    const { within, beyond } = boundsOf(entry);
    expect(within.length * beyond.length).toBeGreaterThan(0);
    for (const value of within) expect(refusalOf(check(value)), String(value)).toBeUndefined();
    for (const value of beyond)
      expect(refusalOf(check(value)), String(value)).toMatchObject({
        code: 'INVALID_OPTION',
        option: expect.stringMatching(new RegExp(`^${name}`)),
      });
  });
});

/**
 * Options of a network beyond their bounds, as JSON can hold them; those of the hardware arithmetic, whose weights have
 * another type, are left out.
 */
const BEYOND = NETWORK_ROWS.filter(
  ({ path }) => !/^(arithmetic\.(width|integerBits|tableFloor|cost|outputActivation))/.test(path),
)
  .flatMap(({ path, entry, needs }) =>
    boundsOf(entry)
      .beyond.filter(
        (value) => JSON.stringify({ value }) !== '{}' && value !== Infinity && !Number.isNaN(value),
      )
      .map((value) => ({ path, value, options: optionsWith(path, value, needs(path, value)) })),
  )
  .concat(
    [[MAX_NEURONS + 1, 2], [0, 2], [4, 2.5], [4]].map((layers) => ({
      path: 'layers',
      value: layers,
      options: { layers },
    })) as never,
  );

const name = (path: string) => path.split('.').at(-1) as string;
const describeCase = ({ path, value }: { path: string; value: unknown }) =>
  `${path} ${JSON.stringify(value)}`;

describe("a network's options beyond their bounds are refused", () => {
  it.each(BEYOND.map((row) => [describeCase(row), row] as const))(
    "in a study's template: %s",
    async (_, row) => {
      const study = {
        space: {},
        network: { layers: [784, 4, 10], ...row.options },
      } as unknown as StudyDefinition;
      const error = await createStudy(study).then(
        () => undefined,
        (thrown: SparseTrainError) => thrown,
      );
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(name(row.path)),
      });
    },
  );

  it.each(BEYOND.map((row) => [describeCase(row), row] as const))('in a model file: %s', async (_, row) => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-options-'));
    const file = join(folder, 'model.safetensors');
    await new Network({ layers: [4, 4, 2] }).save(file);
    const bytes = await readFile(file);
    const end = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, end));
    const { arithmetic, ...options } = row.options;
    const change = (key: string, more: object) => {
      const texts = header.__metadata__;
      texts[key] = JSON.stringify({ ...JSON.parse(texts[key]), ...more });
    };
    change('options', options);
    if (row.path.startsWith('arithmetic.')) change('arithmetic', arithmetic as object);
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await writeFile(file, Buffer.concat([length, text, bytes.subarray(end)]));
    const error = await Network.load(file).then(
      () => undefined,
      (thrown: SparseTrainError) => thrown,
    );
    await rm(folder, { recursive: true });
    // The number of weights shows that the layers are wrong before the options are checked.
    const says = row.path === 'layers' ? '' : name(row.path);
    expect(error).toMatchObject({ code: 'INVALID_FILE', message: expect.stringContaining(says) });
  });
});

/** Options of fit() beyond their bounds, as JSON can hold them. */
const FIT_BEYOND = FIT_ROWS.flatMap(({ path, entry }) =>
  boundsOf(entry)
    .beyond.filter((value) => JSON.stringify({ value }) !== '{}')
    .map((value) => ({ path, value })),
);

it("a training's options beyond their bounds are refused in a checkpoint", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sparse-train-options-'));
  const file = join(folder, 'run.checkpoint');
  const data = Dataset.from({ inputs: new Float32Array(24), columns: 4, labels: [0, 1, 0, 1, 0, 1] });
  const train = (resume: boolean, onCheckpoint?: () => void) =>
    new Network({ layers: [4, 4, 2] }).fit(data, {
      epochs: 2,
      checkpoint: { file, every: { epochs: 1 }, resume },
      onCheckpoint,
    });
  let held: Checkpoint | undefined;
  await train(false, async () => {
    held ??= await readNewest(file);
  });
  const checkpoint = held ?? (await readNewest(file));
  if (checkpoint === undefined) throw new Error('there is no checkpoint');
  const { identity } = checkpoint;
  const forged = [
    ...BEYOND.map(({ path, value }) => ({ path, value, part: 'network' as const })),
    ...FIT_BEYOND.map(({ path, value }) => ({ path, value, part: 'fit' as const })),
  ];
  expect(forged.length).toBeGreaterThan(100);
  for (const { path, value, part } of forged) {
    const changed = merged(identity[part], optionsWith(path, value, {}));
    await writeCheckpoint(file, { ...checkpoint, identity: { ...identity, [part]: changed } });
    const error = await train(true).then(
      () => undefined,
      (thrown: SparseTrainError) => thrown,
    );
    expect(error, `${path} ${JSON.stringify(value)}`).toMatchObject({ code: 'INVALID_OPTION' });
    expect(error?.message).toContain(path.split('.')[0]);
  }
  await rm(folder, { recursive: true });
}, 60_000);

/** The options with others in place of, or inside, those of the same name. */
function merged(options: Readonly<Record<string, unknown>>, others: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(others)) {
    const inner = result[name];
    const areObjects = [inner, value].every(
      (part) => typeof part === 'object' && part !== null && !Array.isArray(part),
    );
    result[name] = areObjects ? merged(inner as Record<string, unknown>, value as object) : value;
  }
  return result;
}

const settings: Settings = { ...networkSettings, ...trainingSettings };

/** The command line's settings for options of the API. */
const SETTING_ROWS = [...NETWORK_ROWS, ...FIT_ROWS].flatMap(({ path, entry }) => {
  // --dynamic-pattern has a form of its own, METHOD:SHARE:EXAMPLES.
  if (path === 'dynamicPattern') return [];
  const found = Object.entries(settings).find(([key, { option = key }]) => [option].flat()[0] === path);
  return found === undefined ? [] : [{ path, entry, key: found[0], flag: found[1].flag }];
});

/** The words of a command line for a value. */
function parse(words: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addSettings(command, { heading: 'all', settings }, {});
  command.parse([...words], { from: 'user' });
  return command.opts();
}

describe('the same bounds hold', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-options-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('for every flag of a table', () => {
    expect(SETTING_ROWS.length).toBeGreaterThan(25);
  });

  it.each(SETTING_ROWS.map((row) => [row.flag, row] as const))('on the command line: %s', (flag, row) => {
    if (row.entry.kind.placeholder === undefined) {
      expect(parse([flag])).toMatchObject({ [row.key]: true });
      return;
    }
    for (const value of boundsOf(row.entry).within)
      expect(parse([`${flag}=${value}`])).toMatchObject({ [row.key]: value });
    for (const value of boundsOf(row.entry).beyond) {
      const error = refusalOf(() => parse([`${flag}=${value}`]));
      expect(error?.toData(commandSpelling(settings)), String(value)).toMatchObject({
        code: 'INVALID_OPTION',
        option: flag,
        message: expect.stringContaining(`${flag} must be `),
      });
    }
  });

  it.each(SETTING_ROWS.map((row) => [row.key, row] as const))(
    'in a configuration file: %s',
    async (key, { entry }) => {
      const read = async (value: unknown) => {
        const file = join(folder, 'run.json');
        await writeFile(file, JSON.stringify({ [key]: value }));
        return readConfigFile(file, settings);
      };
      for (const value of boundsOf(entry).within) expect(await read(value)).toEqual({ [key]: value });
      for (const value of boundsOf(entry).beyond) {
        const error = await read(value).then(
          () => undefined,
          (thrown: SparseTrainError) => thrown,
        );
        expect(error?.toData(commandSpelling(settings)), String(value)).toMatchObject({
          code: 'INVALID_OPTION',
          option: key,
          message: expect.stringContaining(`${key} in run.json must be `),
        });
      }
    },
  );
});

describe('a flag', () => {
  it.each([NETWORK, WIDE, HARDWARE, OPTIMIZER, FIT, EARLY_STOPPING, AUGMENT].flatMap(Object.entries<Option>))(
    'is the name of its option in kebab case: %s',
    (name, { flag }) => {
      if (flag === undefined) return;
      expect(flag).toBe(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    },
  );
});
