/**
 * Writes messages in the protobuf wire format (protobuf.dev/programming-guides/encoding). ONNX and TensorBoard use few
 * kinds of fields and only ever need writing, so this is a page of code instead of a library of 4 MB.
 */

/** The kinds of fields that are not messages. */
type Scalar = 'int32' | 'int64' | 'float' | 'double' | 'string' | 'bytes';

/** A field: its type, one of {@link Scalar} or the name of a message, and its number. */
export interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: 'repeated';
}

/** Messages by name, with their fields. */
export type Messages = Readonly<Record<string, { readonly fields: Readonly<Record<string, Field>> }>>;

/** How the wire format encodes a type: the low three bits of a field's tag. */
const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

const SCALARS: Readonly<
  Record<Scalar, { readonly wire: number; readonly bytes: (value: never) => Uint8Array }>
> = {
  int32: { wire: WIRE.varint, bytes: (value: number) => varint(value) },
  int64: { wire: WIRE.varint, bytes: (value: number) => varint(value) },
  float: { wire: WIRE.fixed32, bytes: (value: number) => littleEndian(4, value) },
  double: { wire: WIRE.fixed64, bytes: (value: number) => littleEndian(8, value) },
  string: { wire: WIRE.delimited, bytes: (value: string) => Buffer.from(value) },
  bytes: { wire: WIRE.delimited, bytes: (value: Uint8Array) => value },
};

/**
 * The bytes of a message. As in proto2, a field is written if it has a value, even if that is 0, and each item of a
 * repeated field has a tag of its own. Fields come in the order of their numbers.
 *
 * @param name - the message's name in `messages`
 * @param value - an object with the message's fields; undefined ones are left out
 * @throws TypeError if a property is not a field of the message
 */
export function encodeMessage(name: string, messages: Messages, value: object): Uint8Array {
  const pieces: Uint8Array[] = [];
  writeMessage(name, messages, value, pieces);
  return Buffer.concat(pieces);
}

/** Adds a message's pieces to a list and returns their length in bytes, so that large tensors are copied once only. */
function writeMessage(name: string, messages: Messages, value: object, pieces: Uint8Array[]): number {
  const fields = messages[name]?.fields ?? {};
  const given = Object.entries(value).map(([key, content]) => {
    const field = fields[key];
    if (field === undefined) throw new TypeError(`the message ${name} has no field "${key}"`);
    return { field, content: content as unknown };
  });
  let length = 0;
  for (const { field, content } of given.sort((a, b) => a.field.id - b.field.id)) {
    if (content === undefined) continue;
    const items = field.rule === 'repeated' ? (content as Iterable<unknown>) : [content];
    for (const item of items) length += writeField(field, messages, item, pieces);
  }
  return length;
}

function writeField({ type, id }: Field, messages: Messages, value: unknown, pieces: Uint8Array[]): number {
  const scalar = SCALARS[type as Scalar] as (typeof SCALARS)[Scalar] | undefined;
  const body: Uint8Array[] = [];
  let length: number;
  if (scalar === undefined) length = writeMessage(type, messages, value as object, body);
  else {
    const bytes = scalar.bytes(value as never);
    body.push(bytes);
    length = bytes.length;
  }
  const wire = scalar?.wire ?? WIRE.delimited;
  const head = [varint(id * 8 + wire), ...(wire === WIRE.delimited ? [varint(length)] : [])];
  pieces.push(...head);
  for (const piece of body) pieces.push(piece);
  return head.reduce((sum, piece) => sum + piece.length, length);
}

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function littleEndian(bytes: 4 | 8, value: number): Uint8Array {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeFloatLE(value);
  else buffer.writeDoubleLE(value);
  return buffer;
}
