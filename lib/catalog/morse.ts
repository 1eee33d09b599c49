import { seedKind, whole } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import { Random } from '../base/random.js';
import { Dataset } from '../data/dataset.js';

/**
 * 64 symbols of Morse code: letters, digits and punctuation of ITU-R M.1677, and further letters of other alphabets (S.
 * Dey, K. M. Chugg, P. A. Beerel: Morse code datasets for machine learning, ICCCNT 2018).
 */
const CODES: Readonly<Record<string, string>> = {
  A: '.-',
  B: '-...',
  C: '-.-.',
  D: '-..',
  E: '.',
  F: '..-.',
  G: '--.',
  H: '....',
  I: '..',
  J: '.---',
  K: '-.-',
  L: '.-..',
  M: '--',
  N: '-.',
  O: '---',
  P: '.--.',
  Q: '--.-',
  R: '.-.',
  S: '...',
  T: '-',
  U: '..-',
  V: '...-',
  W: '.--',
  X: '-..-',
  Y: '-.--',
  Z: '--..',
  '0': '-----',
  '1': '.----',
  '2': '..---',
  '3': '...--',
  '4': '....-',
  '5': '.....',
  '6': '-....',
  '7': '--...',
  '8': '---..',
  '9': '----.',
  '.': '.-.-.-',
  ',': '--..--',
  '?': '..--..',
  "'": '.----.',
  '!': '-.-.--',
  '/': '-..-.',
  '(': '-.--.',
  ')': '-.--.-',
  '&': '.-...',
  ':': '---...',
  ';': '-.-.-.',
  '=': '-...-',
  '+': '.-.-.',
  '-': '-....-',
  _: '..--.-',
  '"': '.-..-.',
  $: '...-..-',
  '@': '.--.-.',
  Ä: '.-.-',
  CH: '----',
  É: '..-..',
  È: '.-..-',
  Ĝ: '--.-.',
  Ĵ: '.---.',
  Ñ: '--.--',
  Ö: '---.',
  Ŝ: '...-.',
  Ü: '..--',
};

/** The symbols, in the order of their class numbers. */
export const MORSE_SYMBOLS: readonly string[] = Object.keys(CODES);

/** Cells of a frame. */
export const MORSE_FRAME = 64;

/** The options of makeMorse(). */
export const MORSE = {
  /** Examples of each symbol; 800 by default. */
  perSymbol: option(whole(1, 100_000), { text: 'examples of each symbol', default: 800 }),
  /** 0 to 2^53 - 1; 1 by default. */
  seed: option(seedKind, { text: 'decides every number', default: 1 }),
};

/** Options of {@link makeMorse}. */
export interface MorseOptions extends OptionsOf<typeof MORSE> {}

const MEAN = 12;
const DEVIATION = 1.34;
const FULL = 16;

/**
 * Makes a Morse code set. Every example is one symbol at the beginning of a frame of 64 cells. A dot takes 1 to 3
 * cells, a dash 4 to 9, and a gap between them 1 to 3; all lengths are equally likely. The value of a lit cell is drawn
 * from N(12, 1.34) and clipped to 0..16; other cells are 0. Values are sixteenths, stored as bytes: value x 256/16, at
 * most 255. The symbols take turns.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function makeMorse(options: MorseOptions = {}): Dataset {
  const { perSymbol, seed } = checkOptions('Morse options', MORSE, options);
  const random = new Random(seed);
  const codes = Object.values(CODES);
  const rows = perSymbol * codes.length;
  const inputs = new Uint8Array(rows * MORSE_FRAME);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = row % codes.length;
    labels[row] = label;
    writeSymbol(codes[label] as string, random, inputs.subarray(row * MORSE_FRAME, (row + 1) * MORSE_FRAME));
  }
  return Dataset.from({ inputs, columns: MORSE_FRAME, labels, classes: MORSE_SYMBOLS });
}

function writeSymbol(code: string, random: Random, frame: Uint8Array): void {
  let cell = 0;
  for (const [i, sign] of [...code].entries()) {
    if (i > 0) cell += 1 + random.below(3);
    const length = sign === '.' ? 1 + random.below(3) : 4 + random.below(6);
    for (let k = 0; k < length; k++) frame[cell++] = lit(random);
  }
}

/** The value of a lit cell. */
function lit(random: Random): number {
  // Box and Muller; the first number is never 0.
  const radius = Math.sqrt(-2 * Math.log((random.uint32() + 1) / 2 ** 32));
  const normal = radius * Math.cos((2 * Math.PI * random.uint32()) / 2 ** 32);
  const value = Math.min(FULL, Math.max(0, MEAN + DEVIATION * normal));
  return Math.min(255, Math.floor((value * 256) / FULL));
}

/** Examples of each symbol in both parts of the named data set. */
const TRAIN = 800;
const TEST = 100;

/** The named data set: always the same examples. */
export function loadMorse(): { train: Dataset; test: Dataset } {
  return { train: makeMorse({ perSymbol: TRAIN, seed: 1 }), test: makeMorse({ perSymbol: TEST, seed: 2 }) };
}

/** The rows of both parts. */
export const MORSE_ROWS = { train: TRAIN * MORSE_SYMBOLS.length, test: TEST * MORSE_SYMBOLS.length } as const;
