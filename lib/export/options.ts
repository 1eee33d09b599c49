/** The options of exports. */
import { invalidOption } from '../base/errors.js';
import { checkedBy, oneOf } from '../base/options/kinds.js';
import { type OptionsOf, option } from '../base/options/table.js';

export const EXPORT_INPUTS = ['uint8', 'int16', 'float32', 'float64'] as const;

/** The element type of the inputs; the exported network treats them as predict() treats such an array. */
export type ExportInput = (typeof EXPORT_INPUTS)[number];

/** The number types of a graph. */
export type OnnxForm = 'float' | 'integer' | 'qdq';

export const C_INPUTS = ['uint8', 'word'] as const;

/** The inputs of a C network: bytes, or activations in its own format (units of 2^-8 in wide networks). */
export type CInput = (typeof C_INPUTS)[number];

/** The options of exportOnnx(). */
export const ONNX = {
  /**
   * The type in which sums are computed. For a wide network 'float' (the default: matrix products of integers in
   * floating point) or 'integer' (MatMulInteger of bytes), which both give predict()'s numbers exactly, or 'qdq'
   * (quantised tensors between QuantizeLinear and DequantizeLinear), which is exact if float32 holds all sums (see
   * `exact`). A hardware network is always 'integer', a float network always 'float'.
   */
  form: option(oneOf<OnnxForm>(['float', 'integer', 'qdq'], '<form>'), {
    text: 'how sums are computed; float and integer are exact, qdq if the output says so',
    otherwise: 'float; integer for the hardware arithmetic',
  }),
  /** Element type of the inputs; 'uint8' for networks trained on unscaled integers, otherwise 'float32'. */
  input: option(oneOf(EXPORT_INPUTS, '<type>'), {
    text: 'element type of the inputs',
    otherwise: 'uint8 for networks trained on unscaled integers, otherwise float32',
  }),
};

/** Names that C, C++ or the files themselves already use. */
const RESERVED =
  /^(auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|main|junction)$/;

const NAME = 'a name in C: letters, digits and _, no digit first, no keyword';

/** A name that C allows. */
export const cNameKind = checkedBy<string>(
  NAME,
  (name, value) => {
    if (typeof value === 'string' && /^[A-Za-z_]\w{0,62}$/.test(value) && !RESERVED.test(value)) return value;
    throw invalidOption(name, NAME, value);
  },
  {
    placeholder: '<name>',
    fromText: (text) => text,
    bounds: { within: ['net', '_1'], beyond: ['1st', 'int', 'a-b', ''] },
  },
);

/** The options of exportC(). */
export const C = {
  /** Prefix of names in C; by default the file's name. */
  name: option(cNameKind, { text: 'the prefix of all names', otherwise: "the file's name" }),
  /** 'uint8' for networks trained on unscaled integers, otherwise 'word'. */
  input: option(oneOf(C_INPUTS, '<type>'), {
    text: 'uint8, or word, the format of activations',
    otherwise: 'uint8 for networks trained on unscaled integers, otherwise word',
  }),
};

/** The options of exportNpz(). */
export const NPZ = {
  /** 'real' (the default): weights and biases as real numbers; 'integer': the integers that the network stores. */
  values: option(oneOf(['real', 'integer'], '<kind>'), {
    text: 'real numbers, or the integers that the network stores',
    default: 'real',
  }),
};

export interface OnnxOptions extends OptionsOf<typeof ONNX> {}

export interface COptions extends OptionsOf<typeof C> {}

export interface NpzOptions extends OptionsOf<typeof NPZ> {}
