/**
 * The messages of ONNX for a network, with the field numbers of the ONNX specification (onnx.proto), version 8 of
 * the intermediate representation.
 */
import { encodeMessage, type Messages } from '../protobuf.js';

/** TensorProto.DataType. */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
} as const;

export type ElementType = keyof typeof DATA_TYPE;

/** A version of the operators, and the version of the format that came with it. */
export interface OperatorSet {
  readonly version: number;
  readonly irVersion: number;
}

export const OPERATORS: OperatorSet = { version: 18, irVersion: 8 };

/** The first version in which QuantizeLinear and DequantizeLinear support 16-bit integers. */
export const QUANTISING_OPERATORS: OperatorSet = { version: 21, irVersion: 10 };

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { int: 2 } as const;

const repeated = (type: string, id: number) => ({ rule: 'repeated' as const, type, id });

/** The messages by name. */
export const MESSAGES: Messages = {
  ModelProto: {
    fields: {
      irVersion: { type: 'int64', id: 1 },
      producerName: { type: 'string', id: 2 },
      producerVersion: { type: 'string', id: 3 },
      docString: { type: 'string', id: 6 },
      graph: { type: 'GraphProto', id: 7 },
      opsetImport: repeated('OperatorSetIdProto', 8),
      metadataProps: repeated('StringStringEntryProto', 14),
    },
  },
  OperatorSetIdProto: {
    fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } },
  },
  StringStringEntryProto: {
    fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } },
  },
  GraphProto: {
    fields: {
      node: repeated('NodeProto', 1),
      name: { type: 'string', id: 2 },
      initializer: repeated('TensorProto', 5),
      input: repeated('ValueInfoProto', 11),
      output: repeated('ValueInfoProto', 12),
    },
  },
  NodeProto: {
    fields: {
      input: repeated('string', 1),
      output: repeated('string', 2),
      name: { type: 'string', id: 3 },
      opType: { type: 'string', id: 4 },
      attribute: repeated('AttributeProto', 5),
    },
  },
  AttributeProto: {
    fields: {
      name: { type: 'string', id: 1 },
      i: { type: 'int64', id: 3 },
      type: { type: 'int32', id: 20 },
    },
  },
  TensorProto: {
    fields: {
      dims: repeated('int64', 1),
      dataType: { type: 'int32', id: 2 },
      name: { type: 'string', id: 8 },
      rawData: { type: 'bytes', id: 9 },
    },
  },
  ValueInfoProto: {
    fields: {
      name: { type: 'string', id: 1 },
      type: { type: 'TypeProto', id: 2 },
      docString: { type: 'string', id: 3 },
    },
  },
  TypeProto: { fields: { tensorType: { type: 'TensorTypeProto', id: 1 } } },
  TensorTypeProto: {
    fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShapeProto', id: 2 } },
  },
  TensorShapeProto: { fields: { dim: repeated('DimensionProto', 1) } },
  DimensionProto: {
    fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } },
  },
};

/** The bytes of an ONNX file. */
export function modelFile(model: object): Uint8Array {
  return encodeMessage('ModelProto', MESSAGES, model);
}
