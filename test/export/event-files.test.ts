import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../lib/export/tensorboard/crc32c.js';
import { exportTensorBoard } from '../../lib/public/export.js';
import { workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';

const folder = workFolder();

/** The fields of TensorFlow's event.proto and summary.proto that scalars need. */
const Event = protobuf.Root.fromJSON({
  nested: {
    Event: {
      edition: 'proto2',
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { edition: 'proto2', fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      edition: 'proto2',
      fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } },
    },
  },
}).lookupType('Event');

/** The checksum of TFRecords by its definition: the remainder of a division of polynomials, bit by bit. */
function maskedChecksum(bytes: Uint8Array): number {
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      remainder = (remainder & 1n) === 1n ? (remainder >> 1n) ^ 0x82f63b78n : remainder >> 1n;
  }
  const crc = remainder ^ 0xffffffffn;
  const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

interface Read {
  wallTime: number;
  step?: number;
  fileVersion?: string;
  summary?: { value: { tag: string; simpleValue: number }[] };
}

/** The events of a file, after comparing their checksums. */
async function eventsOf(file: string): Promise<Read[]> {
  const bytes = await readFile(file);
  const events: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedChecksum(bytes.subarray(at, at + 8)));
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedChecksum(message));
    events.push(Event.toObject(Event.decode(message), { longs: Number }) as Read);
    at += 16 + length;
  }
  return events;
}

async function written(name: string, lines: readonly (object | string)[]) {
  const log = join(folder(), `${name}.jsonl`);
  await writeFile(
    log,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return { log, target: join(folder(), name) };
}

const time = '2026-01-01T00:00:00.500Z';
const start = { type: 'start', run: 'a', time };

describe('an event file', () => {
  it('holds every number of an epoch under its tag, with its step and time', async () => {
    const epoch = {
      type: 'epoch',
      run: 'a',
      time: '2026-01-01T00:00:10Z',
      epoch: 3,
      loss: 0.5,
      accuracy: 0.75,
      learningRate: 0.125,
      samplesPerSecond: 1000,
      seconds: 2,
      examples: 64,
      validation: { accuracy: 0.25, kind: 'classification' },
      saturation: { weightsAtLimit: [1, 0], other: 'text' },
    };
    const { log, target } = await written('full', [start, epoch, { type: 'end', run: 'a', time }]);
    const { files, epochs } = await exportTensorBoard(log, target);
    expect(epochs).toBe(1);
    expect(files).toEqual([join(target, 'a', 'events.out.tfevents.1767225600.sparse-train')]);
    const [first, second, ...more] = await eventsOf(files[0] as string);
    expect(first).toEqual({ wallTime: 1767225600.5, fileVersion: 'brain.Event:2' });
    expect(more).toEqual([]);
    expect([second?.wallTime, second?.step]).toEqual([1767225610, 3]);
    expect(
      Object.fromEntries((second?.summary?.value ?? []).map(({ tag, simpleValue }) => [tag, simpleValue])),
    ).toEqual({
      'training/loss': 0.5,
      'training/accuracy': 0.75,
      'training/learning rate': 0.125,
      'speed/samples per second': 1000,
      'speed/seconds': 2,
      'speed/examples': 64,
      'validation/accuracy': 0.25,
      'weightsAtLimit/junction 0': 1,
      'weightsAtLimit/junction 1': 0,
    });
  });

  it('leaves out numbers that are not finite', async () => {
    const epoch = {
      type: 'epoch',
      run: 'a',
      time,
      epoch: 0,
      loss: null,
      accuracy: 'high',
      seconds: 1,
      validation: 7,
    };
    const { log, target } = await written('partial', [start, epoch, '']);
    const { files } = await exportTensorBoard(log, target);
    const [, event] = await eventsOf(files[0] as string);
    expect(event).toMatchObject({ step: 0, summary: { value: [{ tag: 'speed/seconds', simpleValue: 1 }] } });
  });

  it('is one for each run, in a folder whose name is safe and not too long', async () => {
    const ids = ['x'.repeat(200), 'a/b c', 'ä-1', ''];
    const { log, target } = await written(
      'names',
      ids.map((run) => ({ ...start, run })),
    );
    const { files } = await exportTensorBoard(log, target);
    const name = 'events.out.tfevents.1767225600.sparse-train';
    expect(files).toEqual(['x'.repeat(100), 'a_b_c', '_-1', 'run'].map((run) => join(target, run, name)));
  });

  it.each<[what: string, line: object | string]>([
    ['without a run', { type: 'start', time }],
    ['without a type', { run: 'a', time }],
    ['whose time is none', { ...start, time: 'yesterday' }],
    ['whose time is a number', { ...start, time: 5 }],
    ['of an epoch that is none', { ...start, type: 'epoch', epoch: -1 }],
    ['of half an epoch', { ...start, type: 'epoch', epoch: 0.5 }],
    ['that is null', 'null'],
    ['that is a number', '7'],
    ['that is cut off, with another after it', '{"type":"sta\n{}'],
  ])('is not made of a log with a line %s', async (_, line) => {
    const { log, target } = await written('wrong', [start, '', line]);
    await expectRefusal('INVALID_FILE', ['wrong.jsonl, line 3, is not a line of a run log'], () =>
      exportTensorBoard(log, target),
    );
  });

  it('needs paths, and has no options', async () => {
    const { log, target } = await written('plain', [start]);
    await expectRefusal('INVALID_OPTION', ['log', 'a path'], () => exportTensorBoard('', target));
    await expectRefusal('INVALID_OPTION', ['folder', 'a path'], () => exportTensorBoard(log, 5 as never));
    await expectRefusal('UNKNOWN_OPTION', ['exportTensorBoard', 'form'], () =>
      exportTensorBoard(log, target, { form: 1 }),
    );
  });
});

describe('CRC-32C', () => {
  it('is that of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
  });
});
