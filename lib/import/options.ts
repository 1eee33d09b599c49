/** The options of importNetwork(). */
import { anyText, listOf, oneOf, wordOr } from '../base/options/kinds.js';
import { type OptionsOf, option } from '../base/options/table.js';
import { NETWORK } from '../network/options.js';
import type { Orientation } from './orientation.js';

/** How the file is read. */
export const IMPORT_FILE = {
  /** Names of the matrices, from input to output; by default all matrices of the file, in the order of their names. */
  matrices: option(listOf(anyText, { placeholder: '<names>', expected: 'an array of names' }), {
    text: 'names of the matrices to use, input first',
    otherwise: 'all, in the order of their names',
    flag: '--matrices',
  }),
  /** Whether rows are right neurons (PyTorch) or left neurons (Keras); by default what fits, right ones if both do. */
  orientation: option(oneOf<Orientation>(['right-left', 'left-right'], '<sides>'), {
    text: 'what rows and columns stand for: right-left as in PyTorch, left-right as in Keras',
    otherwise: 'whichever fits',
    flag: '--orientation',
  }),
  /**
   * Arrays that may be left out: their names, the names of the modules that hold them (`'1'` for `1.running_mean`), or
   * `'all'`. Without it a file that holds anything but matrices and their biases is refused, because the network would
   * compute something else. Matrices that `matrices` does not name are left out anyway.
   */
  leaveOut: option(
    wordOr('all', listOf(anyText, { placeholder: '<names>', expected: 'an array of names' })),
    {
      text: 'arrays, or modules with all their arrays, that may be left out although the network then computes something else; all: any of them',
      otherwise: 'none',
      flag: '--leave-out',
    },
  ),
  /**
   * 'keep': the file's numbers, rounded to the network's format, become the initial weights and biases; 'draw': the
   * file only says where edges are, and weights are drawn from the seed. 'keep' by default, 'draw' for boolean masks.
   */
  weights: option(oneOf(['keep', 'draw'], '<which>'), {
    text: "keep: the file's numbers become the initial weights; draw: only its edges are used",
    otherwise: 'keep; draw for booleans',
    flag: '--weights',
  }),
};

// The file has the layers and the edges.
const { layers: _l, density: _d, fanOut: _f, pattern: _p, parallelism: _z, ...network } = NETWORK;

/** How the file is read, and the network's other options, which Network checks itself. */
export const IMPORT = { ...network, ...IMPORT_FILE };

/** The network's other options (the file holds its layers and edges), and how to read the file. */
export interface ImportOptions extends OptionsOf<typeof IMPORT> {}
