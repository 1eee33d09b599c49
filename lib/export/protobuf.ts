import protobuf, { type IField, type Type } from 'protobufjs/light.js';

/** Messages by name, with their fields. */
export type Messages = Readonly<Record<string, { readonly fields: Record<string, IField> }>>;

/**
 * A message of a schema of proto2, in which a number is written if it is given, be it 0; ONNX and TensorBoard, whose
 * schemas are of it, tell a 0 from nothing.
 */
export function messageType(name: string, messages: Messages): Type {
  const nested = Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [key, { ...message, edition: 'proto2' }]),
  );
  return protobuf.Root.fromJSON({ nested }).lookupType(name);
}
