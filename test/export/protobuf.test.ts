import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, type Messages } from '../../lib/export/protobuf.js';
import { protobufType } from './protobuf-type.js';

const MESSAGES: Messages = {
  Outer: {
    fields: {
      single: { type: 'float', id: 3 },
      count: { type: 'int64', id: 1 },
      small: { type: 'int32', id: 2 },
      time: { type: 'double', id: 4 },
      name: { type: 'string', id: 200 },
      raw: { type: 'bytes', id: 5 },
      counts: { rule: 'repeated', type: 'int64', id: 6 },
      inner: { type: 'Inner', id: 7 },
      inners: { rule: 'repeated', type: 'Inner', id: 8 },
    },
  },
  Inner: { fields: { names: { rule: 'repeated', type: 'string', id: 1 }, raw: { type: 'bytes', id: 2 } } },
};

const inner = fc.record({ names: fc.array(fc.string()), raw: fc.uint8Array() }, { requiredKeys: [] });
const outer = fc.record(
  {
    single: fc.float(),
    count: fc.maxSafeInteger(),
    small: fc.integer(),
    time: fc.double(),
    name: fc.string({ unit: 'grapheme' }),
    raw: fc.uint8Array({ maxLength: 300 }),
    counts: fc.array(fc.maxSafeInteger()),
    inner,
    inners: fc.array(inner),
  },
  { requiredKeys: [] },
);

describe('protobuf messages', () => {
  const reference = protobufType('Outer', MESSAGES);

  it('are those of protobufjs, byte for byte', () => {
    fc.assert(
      fc.property(outer, (message) => {
        const expected = reference.encode(reference.fromObject(message)).finish();
        expect(Buffer.from(encodeMessage('Outer', MESSAGES, message)).equals(expected)).toBe(true);
      }),
    );
  });

  it('leave out what is undefined, and refuse what the schema does not have', () => {
    expect(encodeMessage('Outer', MESSAGES, { count: undefined })).toHaveLength(0);
    expect(() => encodeMessage('Outer', MESSAGES, { cuont: 1 })).toThrow('no field "cuont"');
  });
});
