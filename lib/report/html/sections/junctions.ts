import { count, counted, percent, significant } from '../../../base/numbers.js';
import type { JunctionInspection, NumberFormat, ValueSummary } from '../../../network/inspection.js';
import type { JunctionPictures, ModelPart, ReportedRun } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { facts, section, table } from '../page.js';
import { matrixPicture, picture } from '../picture.js';

/** Every junction of a run's model: its edges, its weights, and the inputs of single neurons. */
export function junctions({ model }: ReportedRun, suffix: string, heading: string): Html {
  if (model === undefined) return html``;
  return html`${model.inspection.junctions.map((inspection, j) =>
    section(
      `junction-${j + 1}${suffix}`,
      `Junction ${j + 1}: ${count(inspection.left)} to ${count(inspection.right)} neurons${heading}`,
      junction(inspection, model.junctions[j] as JunctionPictures, model),
    ),
  )}`;
}

function junction(inspection: JunctionInspection, pictures: JunctionPictures, model: ModelPart): Html {
  const { edges, density, pattern, fanIn, fanOut, weights, biases, weightsAtLimit, interleaver } = inspection;
  const degrees = ({ minimum, maximum }: { minimum: number; maximum: number }) =>
    minimum === maximum ? count(minimum) : `${count(minimum)} to ${count(maximum)}`;
  const share = (part: number) =>
    `${count(part)} of ${count(weights.count)} (${percent(part / weights.count)})`;
  const kind =
    interleaver === undefined
      ? pattern
      : `clash-free type ${interleaver.type}${interleaver.dither ? ' with dither' : ''}, z = ${interleaver.parallelism}`;
  const cell = pictures.cell.every((size) => size === 1)
    ? ''
    : ` A cell is ${pictures.cell[0]} by ${pictures.cell[1]} neurons.`;
  // A dense junction has every possible edge: its picture would be a plain rectangle.
  const isDense = edges === inspection.left * inspection.right;
  return html`${facts([
    ['edges', `${count(edges)} (${percent(density, 1)})`],
    ['pattern', kind],
    ['fan-in', `${degrees(fanIn)} edges for each right neuron`],
    ['fan-out', `${degrees(fanOut)} edges for each left neuron`],
    [
      'weights',
      `${significant(weights.minimum)} to ${significant(weights.maximum)}, deviation ${significant(weights.standardDeviation)}`,
    ],
    ['biases', `${significant(biases.minimum)} to ${significant(biases.maximum)}`],
    ['rounded to 0', share(weights.zeros)],
    ['at a limit', model.inspection.formats.weights.type === 'integer' ? share(weightsAtLimit) : undefined],
  ])}
<h3>Edges and weights</h3>
<p class="remark">Left neurons from left to right, right neurons from top to bottom.${cell}${
    isDense ? ' Each left neuron has an edge to each right neuron.' : ''
  }</p>
<div class="pair">
${
  isDense
    ? ''
    : html`<figure>${matrixPicture(pictures.edges, 'Where there are edges')}<figcaption>Edges</figcaption></figure>\n`
}<figure>${matrixPicture(pictures.weights, 'Weights as colours')}<figcaption>Weights: orange below 0, blue above; full colour from ±${significant(pictures.limit)}</figcaption></figure>
</div>
${fieldPictures(pictures)}<h3>How weights are spread</h3>
${histogram(weights)}
`;
}

function fieldPictures({ fields }: JunctionPictures): Html {
  if (fields === undefined) return html``;
  const { neurons, reading } = fields;
  return html`<h3>What neurons read</h3>
<p class="remark">First the sum of the magnitudes of all weights at each pixel; then the weights of the ${counted(neurons.length, 'neuron')} with the largest outgoing weights, by number.</p>
<div class="pictures">
<figure class="field">${picture(reading, 'Sum of the magnitudes of all weights by pixel')}<figcaption>all</figcaption></figure>
${neurons.map(
  ({ neuron, picture: pixels }) =>
    html`<figure class="field">${picture(pixels, `Weights of neuron ${neuron} by pixel`)}<figcaption>${neuron}</figcaption></figure>\n`,
)}</div>
`;
}

const WIDTH = 640;
const HEIGHT = 112;

/** Bars as SVG, with colours from the style sheet and a logarithmic scale of heights. */
function histogram({ histogram: { from, to, counts } }: ValueSummary): Html {
  const most = Math.max(...counts, 1);
  const width = WIDTH / counts.length;
  const bars = counts.map((value, i) => {
    const height = value === 0 ? 0 : (HEIGHT * Math.log2(1 + value)) / Math.log2(1 + most);
    const [low, high] = [i, i + 1].map((bin) => significant(from + (bin * (to - from)) / counts.length));
    return html`<rect x="${(i * width + 1).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}"><title>${low} to ${high}: ${count(value)}</title></rect>`;
  });
  return html`<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Histogram of weights, logarithmic">
${bars}
<line x1="0" x2="${WIDTH}" y1="${HEIGHT - 0.5}" y2="${HEIGHT - 0.5}"/>
</svg>
<div class="ends"><span>${significant(from)}</span><span>${significant((from + to) / 2)}</span><span>${significant(to)}</span></div>
<p class="note">Heights are logarithmic; the highest bar has ${counted(most, 'weight')}.</p>
`;
}

/** The number formats of a run's model. */
export function formats({ model }: ReportedRun, suffix: string, heading: string): Html {
  if (model === undefined) return html``;
  const { weights, biases, activations } = model.inspection.formats;
  const row = (name: string, format: NumberFormat) =>
    format.type === 'float32'
      ? [name, '32', 'floating point', '', '', '']
      : [
          name,
          format.bits,
          'integer',
          format.fraction,
          `${significant(format.minimum, 5)} to ${significant(format.maximum, 5)}`,
          significant(format.step),
        ];
  return section(
    `formats${suffix}`,
    `Number formats${heading}`,
    table(
      ['', 'bits', 'kind', 'after the point', 'range', 'step'],
      [row('weights', weights), row('biases', biases), row('activations', activations)],
      { left: [0, 2] },
    ),
  );
}
