import { invalidOption, SparseTrainError } from '../base/errors.js';
import { number, seedKind, whole } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import { Random } from '../base/random.js';
import { literal, optionName, say } from '../base/wording.js';
import { MAX_EDGES, MAX_NEURONS } from '../engine/limits.js';
import type { EdgesByNeuron } from './edges.js';

/** The longest side of an image, in pixels. */
const MAX_SIDE = 2 ** 15;

/** The options of {@link localPattern}. */
export const LOCAL_PATTERN = {
  /** Pixels in a row of the image. */
  width: option(whole(1, MAX_SIDE), { text: 'pixels in a row of the image', required: true }),
  /** Rows of the image; by default the same as the width. */
  height: option(whole(1, MAX_SIDE), { text: 'rows of the image', otherwise: 'the width' }),
  /** Neurons that read the image. */
  neurons: option(whole(1, MAX_NEURONS), { text: 'neurons that read the image', required: true }),
  /** Pixels that each neuron reads. */
  fanIn: option(whole(1, MAX_SIDE ** 2), { text: 'pixels that each neuron reads', required: true }),
  /**
   * Standard deviation of the distance between a field's pixels and its centre, in pixels; half the square
   * root of `fanIn` by default.
   */
  radius: option(number({ above: 0, to: MAX_SIDE }), {
    text: "standard deviation of the distance between a field's pixels and its centre, in pixels",
    otherwise: 'half the square root of fanIn',
  }),
  /**
   * Standard deviation of the distance between the centres of fields and the middle of the image, in pixels;
   * a fifth of the width by default.
   */
  spread: option(number({ above: 0, to: MAX_SIDE }), {
    text: 'standard deviation of the distance between centres and the middle of the image, in pixels',
    otherwise: 'a fifth of the width',
  }),
  /**
   * How many neighbouring neurons read the same pixels; 1 by default. With 16 the engine stores the junction
   * as tiles, which is several times faster, but there are fewer different fields.
   */
  share: option(whole(1, MAX_NEURONS), {
    text: 'how many neighbouring neurons read the same pixels',
    default: 1,
  }),
  /**
   * How many neighbouring pixels of a row are read together; 1 by default. With 2, and `share` 16, tiles have
   * no gaps. Divides `width` and `fanIn`.
   */
  together: option(whole(1, MAX_SIDE), {
    text: 'how many neighbouring pixels of a row are read together',
    default: 1,
  }),
  /** 0 to 2^53 - 1; 1 by default. */
  seed: option(seedKind, { text: 'determines the positions of fields and pixels', default: 1 }),
};

/** Options of {@link localPattern}. */
export interface LocalPatternOptions extends OptionsOf<typeof LOCAL_PATTERN> {}

/**
 * Draws per pixel of a field before the radius grows by half, so that a small field of many pixels is
 * completed too.
 */
const PATIENCE = 50;

/**
 * A pattern for a junction whose left layer is an image: each neuron reads pixels around its own centre.
 * Neighbouring pixels of an image are related, so the same number of edges carries more information than
 * random edges do. The pattern is computed with whole numbers and divisions only, so the same seed gives the
 * same edges on every machine.
 *
 * @example
 * const field = localPattern({ width: 28, neurons: 300, fanIn: 34 });
 * new Network({ layers: [784, 300, 10], pattern: [field, 'dense'] });
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function localPattern(options: LocalPatternOptions): EdgesByNeuron {
  const given = checkOptions('localPattern options', LOCAL_PATTERN, options);
  const { width, height = width, neurons, fanIn, share, together, seed } = given;
  whole(1, width * height).check('fanIn', fanIn);
  whole(1, neurons).check('share', share);
  whole(1, width).check('together', together);
  if (width % together > 0 || fanIn % together > 0) {
    throw invalidOption('together', `a divisor of width (${width}) and of fanIn (${fanIn})`, together);
  }
  const { radius = Math.sqrt(fanIn) / 2, spread = width / 5 } = given;
  if (fanIn * neurons > MAX_EDGES) {
    throw new SparseTrainError(
      'NETWORK_TOO_LARGE',
      `${neurons} neurons of ${fanIn} edges are too many; the most is 2^31 - 1`,
    );
  }

  const random = new Random(seed);
  const left = new Uint32Array(neurons * fanIn);
  for (let first = 0; first < neurons; first += share) {
    const field = drawField({ width, height, fanIn, together }, inUnits(radius), inUnits(spread), random);
    for (let neuron = first; neuron < Math.min(neurons, first + share); neuron++)
      left.set(field, neuron * fanIn);
  }
  return { offsets: Float64Array.from({ length: neurons + 1 }, (_, r) => r * fanIn), left };
}

/** How many neurons share a field and how many neighbouring pixels they read together: the size of a tile. */
const FIELD = { share: 16, together: 2 } as const;
/**
 * In a layer that is too small for that many fields, fewer neurons share each (measured in
 * docs/lab/kernels.md).
 */
const LEAST_FIELDS = 16;

/**
 * A junction whose pattern is 'local': the option's name, the layers, and the approximate number of edges.
 */
interface ImageFields {
  name: string;
  left: number;
  right: number;
  edges: number;
  seed: number;
}

/**
 * The pattern 'local': fields of tiles on a square image.
 *
 * @throws SparseTrainError INVALID_OPTION if the left layer is none an even number of pixels wide
 */
export function imageFields({ name, left, right, edges, seed }: ImageFields): EdgesByNeuron {
  const { together } = FIELD;
  const width = Math.round(Math.sqrt(left));
  if (width * width !== left || width % together > 0) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: name,
      says: say`${optionName(name)} is ${literal('local')}, which is for square images an even number of pixels wide, but the layer has ${left} neurons`,
      advice: 'localPattern() makes patterns for other images',
    });
  }
  let share: number = FIELD.share;
  while (share > 1 && right < LEAST_FIELDS * share) share /= 2;
  const pairs = Math.max(1, Math.round(edges / right / together));
  const fanIn = Math.min(left, together * pairs);
  return localPattern({ width, neurons: right, fanIn, share, together, seed });
}

/** Positions are whole numbers, in units of 1/256 of a pixel. */
const UNIT = 256;

const inUnits = (pixels: number): number => Math.max(1, Math.round(pixels * UNIT));

/** The pixels of a field, ascending. */
function drawField(
  { width, height, fanIn, together }: { width: number; height: number; fanIn: number; together: number },
  radius: number,
  spread: number,
  random: Random,
): Uint32Array {
  const [x, y] = [drawCentre(width, spread, random), drawCentre(height, spread, random)];
  const pixels = new Set<number>();
  let reach = radius;
  for (let draws = 1; pixels.size < fanIn; draws++) {
    const column = Math.round((x + normal(reach, random)) / UNIT);
    const row = Math.round((y + normal(reach, random)) / UNIT);
    if (column >= 0 && column < width && row >= 0 && row < height) {
      const first = row * width + column - (column % together);
      for (let i = 0; i < together; i++) pixels.add(first + i);
    }
    if (draws % (PATIENCE * fanIn) === 0) reach = Math.ceil(reach * 1.5);
  }
  return Uint32Array.from(pixels).sort();
}

/** A position between the first and the last of `count` pixels. */
function drawCentre(pixels: number, spread: number, random: Random): number {
  const last = (pixels - 1) * UNIT;
  for (let reach = spread; ; reach = Math.max(1, Math.floor(reach * 0.95))) {
    const place = last / 2 + normal(reach, random);
    if (place >= 0 && place <= last) return place;
    if (reach === 1) return last / 2;
  }
}

/** An approximately normal number with mean 0: the sum of four uniform 16-bit numbers (Irwin and Hall). */
function normal(deviation: number, random: Random): number {
  let sum = -131_070;
  for (let i = 0; i < 4; i++) sum += random.uint32() >>> 16;
  return Math.round((sum * deviation) / 37_837);
}
