/** Header and source of a network in C99. */
import type { RealInput } from '../inputs.js';
import type { NetworkSnapshot } from '../snapshot.js';
import type { Datapath } from './datapath.js';

/** What the files need to know about the network. */
export interface CNetwork {
  /** Prefix of all names with external linkage. */
  readonly name: string;
  /** The header's file name. */
  readonly header: string;
  readonly snapshot: NetworkSnapshot;
  readonly version: string;
  readonly datapath: Datapath;
  /** How real numbers become inputs; undefined where inputs are integers. */
  readonly scaling: RealInput | undefined;
}

function banner({ snapshot, version }: CNetwork): string {
  const { layers, arithmetic, digest } = snapshot;
  const format =
    arithmetic.kind === 'wide'
      ? `weights of ${arithmetic.weightBits} bits, ${arithmetic.weightFraction} after the point`
      : arithmetic.kind === 'hardware'
        ? `words of ${arithmetic.width} bits, ${arithmetic.width - 1 - arithmetic.integerBits} after the point`
        : 'float';
  return `/*
 * A sparse network, made by sparse-train ${version}: layers ${layers.join(', ')}; ${format}.
 * Digest ${digest}.
 * C99, integers only, no memory but the caller's; the numbers are those of sparse-train, bit for bit.
 */
`;
}

export function headerText(network: CNetwork): string {
  const { name, snapshot, datapath, scaling } = network;
  const macro = name.toUpperCase();
  const { layers, classes, output, targetScaling } = snapshot;
  const names =
    classes === undefined
      ? ''
      : `\n/* Outputs: ${classes.map((text, i) => `${i}: ${commentSafe(text)}`).join(', ')}. */`;
  const scoresNote =
    datapath.scores === undefined
      ? ''
      : `\n/* The scores of outputs: ${datapath.scores.what}. */\nvoid ${name}_scores(const int32_t *outputs, uint16_t *scores);\n`;
  const targets =
    output === 'linear' && targetScaling !== undefined
      ? `\n/* Output k stands for output * 2^-${8 + (snapshot.arithmetic as { weightFraction: number }).weightFraction} * sd + mean, with (mean, sd) of ${targetScaling.mean
          .map((mean, k) => `(${mean}, ${targetScaling.sd[k]})`)
          .join(', ')}. */`
      : '';
  const quantise =
    scaling === undefined
      ? ''
      : `
#ifdef ${macro}_SCALING
/* Makes inputs of real numbers, as the network was trained on; in double precision. */
void ${name}_quantise(const double *numbers, ${name}_input *input);
#endif
`;
  // A guard like _STDINT_H would hide a header of the system.
  const guard = `SPARSE_TRAIN_${macro}_H`;
  return `${banner(network)}#ifndef ${guard}
#define ${guard}

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ${macro}_INPUTS ${layers[0]}
#define ${macro}_OUTPUTS ${layers.at(-1)}
${names}${targets}
/* One input: ${inputNote(datapath, scaling !== undefined)}. */
typedef ${datapath.input.type} ${name}_input;

/* What a run needs; its contents mean nothing before and after. */
typedef struct {
${workspaceMembers(network)}
} ${name}_workspace;

/* Computes the outputs, ${datapath.outputs}. */
void ${name}_run(const ${name}_input *input, ${name}_workspace *workspace, int32_t *outputs);

/* ${datapath.yes === undefined ? 'The number of the largest output, the first of equals' : '1 for yes, 0 for no'}. */
uint32_t ${name}_decide(const int32_t *outputs);
${scoresNote}${quantise}
#ifdef __cplusplus
}
#endif

#endif
`;
}

function commentSafe(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '?')
    .replaceAll('*/', '* /')
    .replaceAll('/*', '/ *')
    .replace(/\?(?=\?)/g, '? ');
}

function inputNote({ input, format }: Datapath, scaled: boolean): string {
  if (input.type === 'uint8_t') return 'a byte, 0 to 255';
  const unit = `units of 2^-${format.fraction}, ${format.low} to ${format.high}`;
  return scaled ? `${unit}; see quantise` : unit;
}

/** Layers alternate between two buffers: 1, 3, ... in `odd`; 2, 4, ... and inputs that need conversion in `even`. */
function bufferSizes({ snapshot: { layers }, datapath }: CNetwork): { odd: number; even: number } {
  const sizes = { odd: 0, even: datapath.input.convert === undefined ? 0 : (layers[0] as number) };
  for (let i = 1; i + 1 < layers.length; i++) {
    const buffer = i % 2 === 1 ? 'odd' : 'even';
    sizes[buffer] = Math.max(sizes[buffer], layers[i] as number);
  }
  return sizes;
}

function workspaceMembers(network: CNetwork): string {
  const sizes = Object.entries(bufferSizes(network)).filter(([, size]) => size > 0);
  const { word } = network.datapath;
  return sizes.length === 0
    ? '  uint8_t nothing;'
    : sizes.map(([name, size]) => `  ${word} ${name}[${size}];`).join('\n');
}

export function sourceText(network: CNetwork): string {
  const { name, header, datapath } = network;
  return [
    `${banner(network)}#include "${header}"\n`,
    ...datapath.helpers,
    ...datapath.junctions.map(({ text }) => text),
    runText(network),
    `uint32_t ${name}_decide(const int32_t *outputs) {\n${decideBody(network)}\n}\n`,
    ...(datapath.scores === undefined
      ? []
      : [`void ${name}_scores(const int32_t *outputs, uint16_t *scores) {\n${datapath.scores.text}\n}\n`]),
    ...scalingText(network),
    mainText(network),
  ].join('\n');
}

function runText(network: CNetwork): string {
  const { name, datapath, snapshot } = network;
  const { layers } = snapshot;
  const { convert } = datapath.input;
  const last = layers.length - 2;
  const place = (layer: number) => (layer % 2 === 1 ? 'workspace->odd' : 'workspace->even');
  const calls = datapath.junctions.map((_, j) => {
    const left = j === 0 && convert === undefined ? 'input' : place(j);
    return `  junction_${j}(${left}, ${j === last ? 'outputs' : place(j + 1)});`;
  });
  const conversion =
    convert === undefined
      ? []
      : ['  uint32_t i;', `  for (i = 0; i < ${layers[0]}u; i++) workspace->even[i] = ${convert};`];
  const usesWorkspace = conversion.length > 0 || last > 0;
  return [
    `void ${name}_run(const ${name}_input *input, ${name}_workspace *workspace, int32_t *outputs) {`,
    ...conversion,
    ...(usesWorkspace ? [] : ['  (void)workspace;']),
    ...calls,
    '}\n',
  ].join('\n');
}

function decideBody({ datapath, snapshot }: CNetwork): string {
  if (datapath.yes !== undefined) return `  return ${datapath.yes} ? 1u : 0u;`;
  return `  uint32_t best = 0, i;
  for (i = 1; i < ${snapshot.layers.at(-1)}u; i++) {
    if (outputs[i] > outputs[best]) best = i;
  }
  return best;`;
}

function scalingText({ name, datapath, scaling, snapshot }: CNetwork): string[] {
  if (scaling === undefined) return [];
  const { fraction, low, high } = datapath.format;
  const inputs = snapshot.layers[0] as number;
  const array = (what: string, numbers: readonly number[]) =>
    `static const double ${what}[${inputs}] = {\n${numbers.join(',\n')}\n};\n`;
  return [
    `#ifdef ${name.toUpperCase()}_SCALING`,
    array('offsets', scaling.offset),
    array('scales', scaling.scale),
    `void ${name}_quantise(const double *numbers, ${name}_input *input) {
  uint32_t i;
  for (i = 0; i < ${inputs}u; i++) {
    double x = (numbers[i] - offsets[i]) * scales[i] * ${2 ** fraction}.0 + 0.5;
    int32_t whole;
    if (!(x > ${low}.0)) {
      whole = ${low === -(2 ** 31) ? '-2147483647 - 1' : low};
    } else if (x >= ${high}.0) {
      whole = ${high};
    } else {
      whole = (int32_t)x;
      if (whole > x) whole--;
    }
    input[i] = (${name}_input)whole;
  }
}
#endif
`,
  ];
}

/** A program for trying the network. */
function mainText({ name, datapath, scaling }: CNetwork): string {
  const macro = name.toUpperCase();
  const scores =
    datapath.scores === undefined
      ? ''
      : `    ${name}_scores(outputs, scores);
    for (i = 0; i < ${macro}_OUTPUTS; i++) printf(" %u", (unsigned)scores[i]);
`;
  const reading = `    ${name}_run(input, &workspace, outputs);
    printf("%lu", (unsigned long)${name}_decide(outputs));
    for (i = 0; i < ${macro}_OUTPUTS; i++) printf(" %ld", (long)outputs[i]);
${scores}    printf("\\n");
  }`;
  const declarations = `  static ${name}_input input[${macro}_INPUTS];
  static ${name}_workspace workspace;
  static int32_t outputs[${macro}_OUTPUTS];
${datapath.scores === undefined ? '' : `  static uint16_t scores[${macro}_OUTPUTS];\n`}  uint32_t i;`;
  const plain = `  while (fread(input, sizeof input, 1, stdin) == 1) {\n${reading}`;
  const body =
    scaling === undefined
      ? plain
      : `#ifdef ${macro}_SCALING
  static double numbers[${macro}_INPUTS];
  while (fread(numbers, sizeof numbers, 1, stdin) == 1) {
    ${name}_quantise(numbers, input);
#else
  while (fread(input, sizeof input, 1, stdin) == 1) {
#endif
${reading}`;
  return `#ifdef ${macro}_MAIN
/*
 * Reads inputs from standard input, one after the other as they are in memory, and prints a line for each: decision,
 * outputs${datapath.scores === undefined ? '' : ', scores'}.
 */
#include <stdio.h>

int main(void) {
${declarations}
${body}
  return 0;
}
#endif
`;
}
