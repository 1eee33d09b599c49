import { count, percent } from '../../../base/numbers.js';
import { describeClipped } from '../../../data/clipping.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';
import { layersOf } from './overview.js';

type Count = 'activationsClipped' | 'deltasClipped' | 'batchSteps' | 'stepsRoundedToZero';

/** How often numbers were clipped to the limits of their formats, and how many weights were rounded to 0. */
export function saturation(run: ReportedRun, suffix: string, heading: string): Html {
  const { logged, model } = run;
  const epochs = logged?.epochs.filter(({ saturation: counts }) => counts !== undefined) ?? [];
  const layers = layersOf(run);
  if (epochs.length === 0 || layers === undefined) return html``;
  const examples = epochs.reduce((sum, epoch) => sum + epoch.examples, 0);
  // Only mini-batches in integers count these.
  const isBatched = epochs.some(({ saturation: counts }) => counts?.stepsRoundedToZero !== undefined);
  const rows = layers.slice(1).map((right, j) => {
    const total = (name: Count) =>
      epochs.reduce((sum, { saturation: counts }) => sum + (counts?.[name]?.[j] ?? 0), 0);
    const share = (part: number, whole: number) =>
      part === 0 ? '0' : `${count(part)} (${percent(part / whole, part / whole < 0.0005 ? 4 : 2)})`;
    const edges = logged?.start.edges?.[j];
    const weights = epochs.at(-1)?.saturation?.weightsAtLimit[j] ?? 0;
    const zeros = model?.inspection.junctions[j]?.weights.zeros;
    return [
      `junction ${j + 1}`,
      share(total('activationsClipped'), examples * right),
      share(total('deltasClipped'), examples * right),
      edges === undefined ? count(weights) : share(weights, edges),
      zeros === undefined || edges === undefined ? '' : share(zeros, edges),
      ...(isBatched ? [share(total('stepsRoundedToZero'), total('batchSteps'))] : []),
    ];
  });
  return section(
    `saturation${suffix}`,
    `Saturation and rounding${heading}`,
    table(
      [
        ...['', 'activations clipped', 'deltas clipped', 'weights at a limit', 'weights rounded to 0'],
        ...(isBatched ? ['updates rounded to 0'] : []),
      ],
      rows,
    ),
    'Clipped: in all epochs together, with the share of all activations and deltas of the right layer. Weights: at the end.' +
      (isBatched ? ' Updates: in all epochs, of those whose gradient was not 0.' : ''),
  );
}

/** How many inputs lie beyond the range of the number format, which clips them. */
export function clippedInputs({ logged, model }: ReportedRun, suffix: string, heading: string): Html {
  const found =
    model?.inspection.clippedInputs ?? logged?.end?.clippedInputs ?? logged?.start.data.clippedInputs;
  if (found === undefined || found.clipped === 0) return html``;
  return section(
    `clipped-inputs${suffix}`,
    `Clipped inputs${heading}`,
    table(
      ['input', 'values clipped'],
      found.features.map(({ feature, name = `input ${feature}`, share }) => [name, percent(share)]),
    ),
    `Inputs beyond the range of the number format, which replaces them by its limit: ${describeClipped(found)}. ` +
      'Scaled inputs, or the float arithmetic, lose none.',
  );
}
