/** TensorBoard's event files: protobuf messages, framed as TFRecords. */
import { encodeMessage, type Messages } from '../protobuf.js';
import { crc32c } from './crc32c.js';

/** The fields of event.proto and summary.proto for scalars. */
export const MESSAGES: Messages = {
  Event: {
    fields: {
      wallTime: { type: 'double', id: 1 },
      step: { type: 'int64', id: 2 },
      fileVersion: { type: 'string', id: 3 },
      summary: { type: 'Summary', id: 5 },
    },
  },
  Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
  Value: { fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } } },
};

/** Scalars at one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** The bytes of an event file. */
export function eventFile(wallTime: number, events: readonly ScalarEvent[]): Uint8Array {
  const messages = [
    { wallTime, fileVersion: 'brain.Event:2' },
    ...events.map(({ scalars, ...place }) => ({
      ...place,
      summary: { value: Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue })) },
    })),
  ];
  return Buffer.concat(messages.map((message) => framed(encodeMessage('Event', MESSAGES, message))));
}

/** A record: the length and its checksum, the message and its checksum. */
function framed(message: Uint8Array): Buffer {
  const record = Buffer.alloc(message.length + 16);
  record.writeBigUInt64LE(BigInt(message.length), 0);
  record.writeUInt32LE(masked(crc32c(record.subarray(0, 8))), 8);
  record.set(message, 12);
  record.writeUInt32LE(masked(crc32c(message)), 12 + message.length);
  return record;
}

/** TFRecord stores checksums rotated by 15 bits plus a constant, because a checksum over checksums would be weak. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
