/** The section on accuracy of docs/reproduction.md. */
import { accuracyRuns, CASES } from './accuracy.js';
import { cell, markdownTable, origin, percent } from './cells.js';
import { type Results, summarise } from './results.js';

/** The runs that the recipe was chosen from; the page explains them. */
const COMPARED = [
  ['tiled, images as they are', '97.10', '96.31', '89.54'],
  ['tiled', '97.76', '96.79', '88.38'],
  ['structured, images as they are', '97.41', '96.80', '95.93'],
  ['structured', '97.83', '97.30', '96.06'],
  ['structured, rate 0.05', '97.51', '97.25', '96.05'],
  ['local, fields shared by 16', '98.46', '97.83', ''],
  ['local', '', '98.25', '97.17'],
  ['tiled, rigl', '', '97.58', '95.47'],
  ['tiled, set', '', '97.72', ''],
  ['structured, rigl', '', '', '96.79'],
  ['local, rigl', '', '98.16', '97.54'],
];

/** The runs that the recipe of the deep network on Fashion-MNIST was chosen from. */
const FASHION: readonly (readonly string[])[] = [
  ['28,800, 5,000, 1,600', '0.02', '0', '15', '88.95'],
  ['28,800, 5,000, 1,600', '0.02', '0', '40', '89.30'],
  ['28,800, 5,000, 1,600', '0.02', '0.001', '15', '88.42'],
  ['28,800, 5,000, 1,600', '0.01', '0', '15', '89.65'],
  ['28,800, 5,000, 1,600', '0.005', '0', '30', '89.54'],
  ['28,800, 5,000, 1,600', '0.01', '0.0001', '40', '90.00'],
  ['20,400, 10,000, 5,000 (dense)', '0.01', '0', '30', '89.65'],
  ['24,000, 8,000, 3,500', '0.01', '0', '30', '89.70'],
  ['24,000, 8,000, 3,500', '0.01', '0.0001', '40', '89.92'],
  ['24,000, 8,000, 3,500', '0.01', '0.0002', '40', '90.26'],
  ['24,000, 8,000, 3,500', '0.01', '0.0003', '40', '90.10'],
  ['24,000, 8,000, 3,500', '0.01', '0.0002', '80', '90.71'],
];

/** Says how many runs are missing, if any. */
function unfinished({ trials, quick }: Results): string {
  const missing = accuracyRuns(quick).length - trials.length;
  return missing <= 0
    ? ''
    : `The study is not finished: ${missing} runs are missing, so some means cover fewer seeds. `;
}

/** The comparison with the published marks. */
export function accuracySection(results: Results): string {
  const groups = summarise(results.trials);
  const rows = CASES.map(({ name, layers, data, published, target, epochs }) => {
    const summary = groups.get(name);
    const [low, high] = published.accuracy;
    const difference = summary === undefined ? undefined : 100 * summary.mean - target;
    return [
      `${layers.join('-')}, ${data}${name.includes('%') ? `, ${name}` : ''}`,
      summary === undefined ? '' : percent(summary.density),
      String(epochs),
      String(summary?.accuracies.length ?? 0),
      `${low === high ? low : `${low} to ${high}`} (${published.source})`,
      target.toFixed(1),
      cell(summary),
      difference === undefined ? '' : `${difference >= 0 ? '+' : ''}${difference.toFixed(2)}`,
    ];
  });
  const reached = CASES.filter(({ name, target }) => 100 * (groups.get(name)?.mean ?? 0) >= target);
  return [
    'Networks with few edges, trained from scratch in integers (weights of 16 bits, 12 after the point), one example at a time,\n' +
      'on all 60,000 training images. The published results have the same layers and numbers of edges.',
    markdownTable(
      ['network', 'edges, %', 'epochs', 'seeds', 'published, %', 'target, %', 'here, %', 'above target'],
      rows,
    ),
    unfinished(results) + `${reached.length} of the ${CASES.length} targets are reached.`,
    'All networks except those on Fashion-MNIST share one recipe (lib/reproduce/accuracy.ts):\n\n' +
      '- The rate falls from 0.02 along a cosine; there is no momentum and no decay.\n' +
      '- Each neuron of the first junction reads pixels near a place of its own (`localPattern`): the standard deviation is half\n' +
      '  the square root of the fan-in, and the centres lie 5.6 pixels around the middle. At 10 % and in the deep network, groups\n' +
      '  of 16 neurons share a field, so that the engine stores them as tiles. On Fashion-MNIST the pattern is `tiled`.\n' +
      '- The last junction is dense; those between have a fixed fan-in.\n' +
      '- Images are moved by up to one pixel (on Fashion-MNIST: mirrored) whenever they are presented. The published recipes do\n' +
      '  not do this.\n' +
      '- Dynamic patterns are `rigl` with its defaults.\n\n' +
      'The recipe was chosen on 10,000 training images that were set aside. Only the runs of this table used the test images.',
    'It was chosen from these single runs with seed 1, trained on 50,000 training images and measured on the other 10,000, in\n' +
      'percent (12 to 15 epochs, images moved by up to a pixel unless the row says otherwise). The command does not repeat them.\n' +
      'Earlier versions of `localPattern` drew their local fields, so they show which choice is better, not what to expect:',
    markdownTable(['first junction', '10 %', '5 %', '2 %'], COMPARED),
    'The deep network on Fashion-MNIST has a rate of 0.01, a weight decay of 0.0002 and more edges between the hidden layers\n' +
      '(24,000, 8,000, 3,500 and 500). It was chosen in the same way, with mirrored images; the column *edges* lists the three\n' +
      'junctions that are not dense. Other runs: images moved by up to a pixel 88.15; tanh instead of relu (rate 0.01, 30 epochs)\n' +
      '89.50; single precision (rate 0.02, 15 epochs) 88.91; `structured` 89.08 and the sequential schedule 89.13 (rate 0.02, 15\n' +
      'epochs); `rigl` (0.01, 40 epochs) 89.43; inputs of mean 0 and deviation 1 (0.003, 30 epochs) 88.94; local fields shared by\n' +
      '16 neurons (0.02, 12 epochs) 88.43.',
    markdownTable(['edges', 'rate', 'decay', 'epochs', 'accuracy'], FASHION),
    origin(results),
  ].join('\n\n');
}
