/** Makes docs/reproduction.md and its pictures from the results of the studies. */

import { accuracySection } from './accuracy-section.js';
import { FORMATS, formatName, MEASURED_ALL, PARTS } from './bit-widths.js';
import { cell, markdownTable, origin } from './cells.js';
import { densityCurveSection } from './density-page.js';
import { type DotRow, dotPlotSvg } from './dot-plot.js';
import { TASKS, VARIANTS } from './interleavers.js';
import { type GroupSummary, type Results, summarise } from './results.js';

/** A page and its pictures by name. */
export interface ReproductionPage {
  readonly text: string;
  readonly images: ReadonlyMap<string, string>;
}

/**
 * Makes the page.
 *
 * @param bitWidths - results of `reproduce bit-widths`, undefined if it has not been run
 */
export function reproductionPage(
  bitWidths: Results | undefined,
  interleavers: Results | undefined,
  accuracy: Results | undefined,
  densityCurve: Results | undefined,
): ReproductionPage {
  const images = new Map<string, string>();
  const parts = [
    '# Reproduction',
    'For readers of the papers: their experiments, and those of an earlier emulation, run again with this package. The command\n' +
      '`sparse-train reproduce` writes this page and its pictures from the results in `results/`, with the studies bit-widths,\n' +
      'interleavers, accuracy and density-curve. Nothing here is edited by hand.',
    '## Results by bit width',
    bitWidths === undefined ? 'Not run yet.' : bitWidthSection(bitWidths, images),
    '## Interleavers',
    interleavers === undefined ? 'Not run yet.' : interleaverSection(interleavers, images),
    '## Accuracy of sparse networks in integers',
    accuracy === undefined ? 'Not run yet.' : accuracySection(accuracy),
    '## Accuracy over density',
    densityCurve === undefined ? 'Not run yet.' : densityCurveSection(densityCurve, images),
  ];
  return { text: `${parts.join('\n\n')}\n`, images };
}

function bitWidthSection(results: Results, images: Map<string, string>): string {
  const groups = summarise(results.trials);
  const wideBits = [...new Set(FORMATS.map(({ width }) => width))];
  const sections = PARTS.flatMap(({ data, images: count, epochs }) => {
    if (!results.trials.some(({ group }) => group.endsWith(` ${data}`))) return [];
    const rows = FORMATS.map((format) => {
      const name = formatName(format);
      const { measured, width, tableFloor } = format;
      const earlier =
        data === 'part'
          ? measured === undefined
            ? ''
            : measured[0] === measured[1]
              ? String(measured[0])
              : `${measured[0]} to ${measured[1]}`
          : name === MEASURED_ALL.format
            ? String(MEASURED_ALL.accuracy)
            : '';
      return [
        String(width),
        `${name}${tableFloor === 1 ? ' (tables from 1)' : ''}`,
        cell(groups.get(`hardware ${name} ${data}`)),
        (100 * (groups.get(`hardware ${name} ${data}`)?.weightsAtLimit ?? 0)).toFixed(1),
        earlier,
        width === 32 ? '' : cell(groups.get(`wide ${width} ${data}`)),
      ];
    });
    const dots = FORMATS.map((format): DotRow => {
      const name = formatName(format);
      const hundred = (summary: GroupSummary | undefined) =>
        (summary?.accuracies ?? []).map((share) => 100 * share);
      const isFirst = FORMATS.find(({ width }) => width === format.width) === format;
      const wide = isFirst ? hundred(groups.get(`wide ${format.width} ${data}`)) : [];
      return {
        label: `${format.width} bits, ${name}`,
        series: [
          {
            name: 'hardware',
            values: hundred(groups.get(`hardware ${name} ${data}`)),
            published: data === 'part' ? format.measured : undefined,
          },
          ...(wide.length > 0 ? [{ name: 'wide, same bits', values: wide }] : []),
        ],
      };
    });
    const picture = `bit-widths-${data}.svg`;
    const title = `1024-64-32 on ${count.toLocaleString('en-US')} images of MNIST, ${epochs} epochs`;
    images.set(picture, dotPlotSvg(title, 'test accuracy, %', dots));
    return [
      `### ${count.toLocaleString('en-US')} images, ${epochs} epochs`,
      markdownTable(
        [
          'bits',
          'format',
          'hardware arithmetic',
          'weights at limit, %',
          'earlier emulation',
          'wide arithmetic, same bits',
        ],
        rows,
      ),
      `![${title}](images/${picture})`,
    ];
  });
  return [
    'The published network is 1024-64-32 with fan-outs 4 and 16 and z 128 and 32 (7.6 % of the dense edges; MNIST is padded from\n' +
      '784 inputs and 10 outputs). It is trained in the published formats (sign.integer.fraction), one input at a time,\n' +
      'junction-pipelined, with a clash-free pattern of type 2. The rates are the published powers of two: 2^-3, 2^-4 after 25,000\n' +
      'inputs, 2^-5 after 75,000. Images come in the order of the files. For comparison, the same network and pattern is trained in\n' +
      `the wide arithmetic with weights of ${wideBits.filter((bits) => bits < 32).join(', ')} bits (ReLU, softmax, stochastic rounding, a cosine from 0.02).\n` +
      'Hollow bars in the pictures are the results of the earlier emulation.',
    'The column of weights at their limit shows why formats with few integer bits fail. Where sums saturate, the sigmoid of the\n' +
      'outputs that no digit uses is still far from 0 (0.018 at -4, 0.12 at -2), so their weights keep growing until they reach the\n' +
      'limit (704 of the 5,120 edges lead to these 22 outputs). With coarser fractions these steps round to 0.',
    ...sections,
    origin(results),
  ].join('\n\n');
}

function interleaverSection(results: Results, images: Map<string, string>): string {
  const groups = summarise(results.trials);
  const rows = VARIANTS.map(({ pattern, what }) => [
    pattern,
    what,
    ...TASKS.map(({ data }) => cell(groups.get(`${data} ${pattern}`))),
  ]);
  const sections = TASKS.flatMap(({ data, what }) => {
    if (!results.trials.some(({ group }) => group.startsWith(`${data} `))) return [];
    const dots = VARIANTS.map(
      ({ pattern }): DotRow => ({
        label: pattern,
        series: [
          {
            name: 'accuracy',
            values: (groups.get(`${data} ${pattern}`)?.accuracies ?? []).map((share) => 100 * share),
          },
        ],
      }),
    );
    const picture = `interleavers-${data}.svg`;
    images.set(picture, dotPlotSvg(data === 'mnist' ? 'MNIST' : 'Morse code', 'test accuracy, %', dots));
    return [`${what}:`, `![Interleavers on ${data}](images/${picture})`];
  });
  return [
    'Published (arXiv:1711.06935, see section 5 of [edge-processing.md](edge-processing.md)): on MNIST all variants are within half\n' +
      'a point of each other; on Morse code memory dithering costs over ten points.',
    markdownTable(['pattern', 'meaning', 'MNIST', 'Morse code'], rows),
    ...comparison(groups),
    ...sections,
    origin(results),
  ].join('\n\n');
}

/** Says whether the results confirm the two published findings. */
function comparison(groups: ReadonlyMap<string, GroupSummary>): string[] {
  const clashFree = VARIANTS.map(({ pattern }) => pattern).filter(
    (name) => name !== 'structured' && name !== 'random',
  );
  const mnist = clashFree.flatMap((pattern) => groups.get(`mnist ${pattern}`)?.mean ?? []);
  const lines: string[] = [];
  if (mnist.length === clashFree.length) {
    const range = 100 * (Math.max(...mnist) - Math.min(...mnist));
    lines.push(`Here: on MNIST the means of the clash-free variants lie within ${range.toFixed(2)} points.`);
  }
  for (const [name, what] of [
    ['SV', 'one start vector (SV+MD against SV)'],
    ['SS', 'new start vectors for every sweep (SS+MD against SS)'],
  ] as const) {
    const plain = groups.get(`morse ${name}`)?.mean;
    const dithered = groups.get(`morse ${name}+MD`)?.mean;
    if (plain === undefined || dithered === undefined) continue;
    const points = 100 * (plain - dithered);
    const verb = points >= 0 ? 'loses' : 'gains';
    lines.push(`On Morse code memory dithering ${verb} ${Math.abs(points).toFixed(2)} points with ${what}.`);
  }
  return lines.length === 0 ? [] : [lines.join(' ')];
}
