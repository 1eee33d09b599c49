import { readFile } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';

/**
 * Where scripts/build-ts.mjs puts style sheets and scripts: lib/report/client, compiled, and the libraries' builds for
 * browsers. The path is the same from lib/ and from dist/.
 */
const FOLDER = new URL('../../../dist/report/assets/', import.meta.url);

/** The assets there are. */
export type AssetName =
  | 'page.css'
  | 'charts.js'
  | 'dashboard.js'
  | 'uPlot.min.css'
  | 'uPlot.iife.min.js'
  | 'study.css'
  | 'study-map.js'
  | 'study-style.js'
  | 'study.js'
  | 'echarts.min.js';

/**
 * Reads an asset.
 *
 * @throws SparseTrainError INTERNAL if the package is not whole
 */
export async function readAsset(name: AssetName): Promise<string> {
  try {
    return await readFile(new URL(name, FOLDER), 'utf8');
  } catch (error) {
    const message = `dist/report/assets/${name} is missing; install the package again (in a checkout: npm run build:ts)`;
    throw new SparseTrainError('INTERNAL', message, { cause: error });
  }
}
