import type { CatalogEntry } from '../entry.js';
import { loadMorse, MORSE_FRAME, MORSE_ROWS, MORSE_SYMBOLS } from '../morse.js';

/** Morse code, generated without files. */
export const MORSE_ENTRY: CatalogEntry = {
  info: {
    name: 'morse',
    title: 'Morse code of 64 symbols in noise, frames of 64 cells; generated, not stored',
    trainRows: MORSE_ROWS.train,
    testRows: MORSE_ROWS.test,
    features: MORSE_FRAME,
    outputs: MORSE_SYMBOLS.length,
    attribution: 'generated as in S. Dey, K. M. Chugg, P. A. Beerel',
    source: 'Morse code datasets for machine learning, ICCCNT 2018',
    licence: 'MIT, like this package',
    origin: 'generated',
    bytes: 0,
  },
  folder: 'morse',
  files: [],
  needs: [],
  sumsItself: true,
  load: async () => loadMorse(),
};
