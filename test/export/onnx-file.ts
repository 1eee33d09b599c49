import protobuf from 'protobufjs/light.js';

/**
 * The parts of an ONNX file that exports use, with the field numbers of onnx.proto (github.com/onnx/onnx), written down
 * here once more so that a wrong number in lib/export shows.
 */
const FIELDS: Record<string, Record<string, [type: string, id: number, rule?: 'repeated']>> = {
  ModelProto: {
    irVersion: ['int64', 1],
    producerName: ['string', 2],
    producerVersion: ['string', 3],
    docString: ['string', 6],
    graph: ['GraphProto', 7],
    opsetImport: ['OperatorSetIdProto', 8, 'repeated'],
    metadataProps: ['StringStringEntryProto', 14, 'repeated'],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  StringStringEntryProto: { key: ['string', 1], value: ['string', 2] },
  GraphProto: {
    node: ['NodeProto', 1, 'repeated'],
    name: ['string', 2],
    initializer: ['TensorProto', 5, 'repeated'],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
  },
  NodeProto: {
    input: ['string', 1, 'repeated'],
    output: ['string', 2, 'repeated'],
    name: ['string', 3],
    opType: ['string', 4],
    attribute: ['AttributeProto', 5, 'repeated'],
  },
  AttributeProto: {
    name: ['string', 1],
    i: ['int64', 3],
    ints: ['int64', 8, 'repeated'],
    type: ['int32', 20],
  },
  TensorProto: {
    dims: ['int64', 1, 'repeated'],
    dataType: ['int32', 2],
    name: ['string', 8],
    rawData: ['bytes', 9],
  },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2] },
  TypeProto: { tensorType: ['TensorTypeProto', 1] },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dimValue: ['int64', 1], dimParam: ['string', 2] },
};

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly { name: string; type: number; i?: number }[];
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

interface ValueInfo {
  readonly name: string;
  readonly type: {
    tensorType: { elemType: number; shape: { dim: readonly { dimValue?: number; dimParam?: string }[] } };
  };
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly docString: string;
  readonly opsetImport: readonly { domain: string; version: number }[];
  readonly metadataProps: readonly { key: string; value: string }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly OnnxNode[];
    readonly initializer: readonly OnnxTensor[];
    readonly input: readonly ValueInfo[];
    readonly output: readonly ValueInfo[];
  };
}

const nested = Object.fromEntries(
  Object.entries(FIELDS).map(([message, fields]) => [
    message,
    {
      edition: 'proto2',
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule && { rule }) }]),
      ),
    },
  ]),
);
const Model = protobuf.Root.fromJSON({ nested }).lookupType('ModelProto');

/** Reads an ONNX file. */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  return Model.toObject(Model.decode(bytes), { longs: Number, arrays: true }) as OnnxModel;
}
