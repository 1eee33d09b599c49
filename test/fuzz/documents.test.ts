/** Damaged models, checkpoints, fixtures, studies, journals and settings: a result or a SparseTrainError. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../lib/cli/config-file.js';
import { dataSettings } from '../../lib/cli/settings/data.js';
import { networkSettings } from '../../lib/cli/settings/network.js';
import { trainingSettings } from '../../lib/cli/settings/training.js';
import { Dataset, Network, type NetworkOptions, readCheckpoint } from '../../lib/index.js';
import { exportNpz } from '../../lib/public/export.js';
import { parseFixture, readFixture, verifyFixture } from '../../lib/public/hardware.js';
import { importNetwork } from '../../lib/public/import.js';
import { createStudy } from '../../lib/public/search.js';
import { readRunLog } from '../../lib/report/runs/run-log-file.js';
import { temporaryFolder } from '../datasets/temporary-folder.js';
import { frugally, harmless } from './harmless.js';
import { damaged, damagedJson, TIMEOUT, tries } from './mutations.js';

const write = temporaryFolder();
const read = async (path: string) => readFileSync(path);
const at = async (name: string) => join(dirname(await write('here', '')), name);

const NETWORKS: NetworkOptions[] = [
  { layers: [3, 4, 2], density: 0.5, classes: ['a', 'b'] },
  {
    layers: [2, 3],
    pattern: [{ offsets: Float64Array.of(0, 1, 2, 3), left: Uint32Array.of(0, 1, 0) }],
    output: 'linear',
    arithmetic: { kind: 'float' },
  },
  {
    layers: [8, 4, 2],
    fanOut: [2, 1],
    parallelism: [4, 4],
    pattern: { kind: 'interleaver' },
    arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
  },
];
const examples = (features: number, classes: number) =>
  Dataset.from({
    inputs: Float32Array.from({ length: 6 * features }, (_, i) => (i * 7) % 5),
    columns: features,
    labels: Int32Array.from({ length: 6 }, (_, i) => i % classes),
  });

/** The parts of a safetensors file. */
interface Parts {
  header: Record<string, unknown> & { __metadata__: Record<string, string> };
  data: Buffer;
}

function partsOf(file: Uint8Array): Parts {
  const bytes = Buffer.from(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  return { header: JSON.parse(bytes.toString('utf8', 8, end)), data: bytes.subarray(end) };
}

function fileOf(header: unknown, data: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(header) ?? '');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

/** Texts that hold JSON are replaced by their values, so that damage reaches what is inside. */
const opened = (texts: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      try {
        return [name, { json: JSON.parse(text) as unknown }];
      } catch {
        return [name, text];
      }
    }),
  );
const closed = (texts: unknown) =>
  typeof texts !== 'object' || texts === null
    ? texts
    : Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [
          name,
          typeof text === 'object' && text !== null && 'json' in text
            ? (JSON.stringify(text.json) ?? '')
            : text,
        ]),
      );

const openedFile = ({ header, data }: Parts) => ({
  ...header,
  __metadata__: opened(header.__metadata__),
  data: data.toString('base64'),
});
function closedFile(document: unknown): Buffer {
  const { data = '', __metadata__, ...header } = Object(document) as Record<string, unknown>;
  const bytes = Buffer.from(typeof data === 'string' ? data : '', 'base64');
  return fileOf({ __metadata__: closed(__metadata__), ...header }, bytes);
}

async function saved(): Promise<Buffer[]> {
  const files: Buffer[] = [];
  for (const options of NETWORKS) {
    const path = await at('saved.safetensors');
    await new Network(options).save(path);
    files.push(readFileSync(path));
  }
  return files;
}

async function load(bytes: Uint8Array): Promise<void> {
  const path = await write('model.safetensors', bytes);
  const network = await harmless(() => Network.load(path));
  if (network !== undefined)
    await harmless(() => network.predict(new Float32Array(network.layers[0] as number)));
  await harmless(() => Network.load(path));
  await harmless(() => importNetwork(path));
}

/** The values of the lines of a JSON lines file. */
function valuesOf(lines: Buffer): unknown[] {
  return lines
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** A JSON list as JSON lines. */
function linesOf(text: string): string {
  const list: unknown = JSON.parse(text);
  return `${(Array.isArray(list) ? list : [list]).map((line) => JSON.stringify(line)).join('\n')}\n`;
}

describe('damaged documents', () => {
  it(
    'models',
    async () => {
      const files = await saved();
      await frugally(async () => {
        await fc.assert(fc.asyncProperty(damaged(...files), load), tries(30));
        const documents = files.map((file) => openedFile(partsOf(file)));
        const property = fc.asyncProperty(damagedJson(...documents), (document) =>
          load(closedFile(document)),
        );
        await fc.assert(property, tries(80));
      });
    },
    TIMEOUT,
  );

  it(
    'archives to import',
    async () => {
      const files: Buffer[] = [];
      for (const options of NETWORKS) {
        const path = await at('saved.npz');
        await exportNpz(new Network(options), path);
        files.push(readFileSync(path));
      }
      const property = fc.asyncProperty(damaged(...files), async (bytes) => {
        const path = await write('matrices.npz', bytes);
        await harmless(() => importNetwork(path));
      });
      await frugally(() => fc.assert(property, tries(80)));
    },
    TIMEOUT,
  );

  it(
    'checkpoints, their checksum mended',
    async () => {
      const files: Buffer[] = [];
      const path = await at('run.checkpoint');
      for (const options of NETWORKS.slice(0, 1)) {
        const abort = new AbortController();
        await new Network(options).fit(examples(3, 2), {
          epochs: 20,
          validation: 0.3,
          earlyStopping: {},
          checkpoint: { file: path, every: { epochs: 1 } },
          onCheckpoint: () => abort.abort(),
          signal: abort.signal,
        });
        files.push(readFileSync(path));
      }
      const mended = (bytes: Buffer): Buffer => {
        const { header, data } = partsOf(bytes);
        const texts = header.__metadata__;
        const hash = createHash('sha256');
        for (const name of ['identity', 'position', 'adopted', 'watch', 'date'])
          hash.update(`${name}\n${texts?.[name]}\n`);
        const junctions = Object.keys(header).filter((name) => name.endsWith('.weights')).length;
        const names = ['engine'];
        for (let j = 0; j < junctions; j++) names.push(`best.${j}.weights`, `best.${j}.biases`);
        for (const name of names) {
          const { data_offsets: [from, to] = [0, 0] } = (header[name] ?? {}) as {
            data_offsets?: [number, number];
          };
          hash.update(`${to - from}\n`).update(data.subarray(from, to));
        }
        return fileOf({ ...header, __metadata__: { ...texts, sha256: hash.digest('hex') } }, data);
      };
      expect(
        await harmless(async () => readCheckpoint(await write('same', mended(files[0] as Buffer)))),
      ).toBeDefined();
      const resume = async (bytes: Uint8Array) => {
        const file = await write('run.checkpoint', bytes);
        await harmless(() => readCheckpoint(file));
        await harmless(() =>
          new Network(NETWORKS[0] as NetworkOptions).fit(examples(3, 2), {
            epochs: 20,
            validation: 0.3,
            earlyStopping: {},
            checkpoint: { file, every: { epochs: 1000 }, resume: true },
          }),
        );
      };
      await frugally(async () => {
        await fc.assert(fc.asyncProperty(damaged(...files), resume), tries(30));
        const documents = files.map((file) => openedFile(partsOf(file)));
        const property = fc.asyncProperty(damagedJson(...documents), async (document) => {
          let bytes = closedFile(JSON.parse(document));
          try {
            bytes = mended(bytes);
          } catch {
            // Too damaged to be repaired.
          }
          await resume(bytes);
        });
        await fc.assert(property, tries(60));
      });
    },
    TIMEOUT,
  );

  it(
    'fixtures',
    async () => {
      const file = fileURLToPath(new URL('../fixtures/hardware-64-16-4.json', import.meta.url));
      const document = JSON.parse(readFileSync(file, 'utf8')) as { labels: number[] };
      await frugally(async () => {
        await fc.assert(
          fc.asyncProperty(damagedJson(document), async (changed) => {
            const fixture = await harmless(() => parseFixture(JSON.parse(changed)));
            if (fixture !== undefined) await harmless(() => verifyFixture(fixture));
          }),
          tries(30),
        );
        const small = Buffer.from(JSON.stringify({ ...document, initial: {}, expected: {} }));
        const property = fc.asyncProperty(damaged(small), async (bytes) => {
          const path = await write('fixture.json', bytes);
          await harmless(() => readFixture(path));
        });
        await fc.assert(property, tries(30));
      });
    },
    TIMEOUT,
  );

  const study = {
    name: 'small',
    trials: 3,
    seed: 1,
    sampler: { kind: 'tpe', startupTrials: 2 },
    pruner: { kind: 'median' },
    objectives: [{ measure: 'accuracy', direction: 'maximize' }],
    constraints: ['width <= 19'],
    space: {
      width: { kind: 'int', low: 1, high: 20, step: 2 },
      depth: { kind: 'float', low: 0.1, high: 5, log: true },
      way: { kind: 'categorical', choices: ['a', 'b', 3] },
      more: { kind: 'int', low: 1, high: 2, when: { way: 'a' } },
    },
  };
  const TOML = `name = "small"
trials = 3
[[objectives]]
measure = "accuracy"
[space.width]
kind = "int"
low = 1
high = 20
[data]
name = "mnist"
[network]
layers = [784, "$width", 10]
`;

  it(
    'studies',
    async () => {
      const use = async (path: string) => {
        const opened = await harmless(() => createStudy(path));
        if (opened === undefined) return;
        await harmless(async () => {
          const trial = await opened.ask();
          if (trial !== undefined) await opened.tell(trial, { values: { accuracy: 0.5 } });
        });
        await opened.close();
      };
      await fc.assert(
        fc.asyncProperty(damagedJson(study), async (document) => use(await write('study.json', document))),
        tries(150),
      );
      await fc.assert(
        fc.asyncProperty(damaged(Buffer.from(TOML)), async (bytes) => use(await write('study.toml', bytes))),
        tries(80),
      );
    },
    TIMEOUT,
  );

  it('studies that are nested a hundred thousand levels deep, or contain themselves', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const files = { 'deep.json': `{"space": ${deep}}`, 'deep.toml': `space = ${deep}` };
    for (const [name, text] of Object.entries(files)) {
      const path = await write(name, text);
      expect(await harmless(() => createStudy(path))).toBeUndefined();
    }
    const ring: Record<string, unknown> = { ...study };
    ring.space = { width: ring };
    expect(await harmless(() => createStudy(ring as never))).toBeUndefined();
  });

  it(
    'journals',
    async () => {
      const path = await at('journal.jsonl');
      const opened = await createStudy(study as never, { journal: path });
      for (let i = 0; i < 3; i++) {
        const trial = await opened.ask();
        if (trial !== undefined) await opened.tell(trial, { values: { accuracy: i / 4 } });
      }
      await opened.close();
      const journal = await read(path);
      const use = async (bytes: Uint8Array | string) => {
        const file = await write('damaged.jsonl', bytes);
        const again = await harmless(() => createStudy(study as never, { journal: file }));
        await again?.close();
      };
      await fc.assert(fc.asyncProperty(damaged(journal), use), tries(50));
      const property = fc.asyncProperty(damagedJson(valuesOf(journal)), (document) => use(linesOf(document)));
      await fc.assert(property, tries(80));
    },
    TIMEOUT,
  );

  it(
    'settings',
    async () => {
      const settings = { ...dataSettings, ...networkSettings, ...trainingSettings };
      const config = {
        data: 'x.csv',
        label: 'y',
        layers: [3, 4],
        density: [0.5, 0.1],
        arithmetic: 'hardware',
        epochs: 3,
        learningRate: 0.1,
        seed: 3,
      };
      await fc.assert(
        fc.asyncProperty(damagedJson(config), async (document) => {
          const path = await write('config.json', document);
          await harmless(() => readConfigFile(path, settings));
        }),
        tries(80),
      );
      await fc.assert(
        fc.asyncProperty(damaged(Buffer.from(JSON.stringify(config))), async (bytes) => {
          const path = await write('config.json', bytes);
          await harmless(() => readConfigFile(path, settings));
        }),
        tries(80),
      );
    },
    TIMEOUT,
  );

  it(
    'run logs',
    async () => {
      const log = await at('run.jsonl');
      await new Network(NETWORKS[0] as NetworkOptions).fit(examples(3, 2), { epochs: 2, log });
      const bytes = readFileSync(log);
      const use = async (contents: Uint8Array | string) => {
        const path = await write('damaged-run.jsonl', contents);
        await harmless(() => readRunLog(path));
      };
      await fc.assert(fc.asyncProperty(damaged(bytes), use), tries(80));
      const property = fc.asyncProperty(damagedJson(valuesOf(bytes)), (document) => use(linesOf(document)));
      await fc.assert(property, tries(60));
    },
    TIMEOUT,
  );
});
