import protobuf, { type Type } from 'protobufjs/light.js';
import type { Messages } from '../../lib/export/protobuf.js';

/** A message as protobufjs knows it, for reading what lib/export writes. */
export function protobufType(name: string, messages: Messages): Type {
  const nested = Object.fromEntries(
    Object.entries(messages).map(([key, { fields }]) => [key, { fields: { ...fields }, edition: 'proto2' }]),
  );
  return protobuf.Root.fromJSON({ nested }).lookupType(name);
}
