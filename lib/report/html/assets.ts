import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { PACKAGE_ROOT } from '../../base/package.js';

/**
 * The folder where scripts/build-ts.mjs puts style sheets and scripts: lib/report/client, compiled, and
 * the libraries' builds for browsers.
 */
const FOLDER = join(PACKAGE_ROOT, 'dist', 'report', 'assets');

/** The names of all assets. */
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
 * @throws SparseTrainError INTERNAL if a file of the package is missing
 */
export async function readAsset(name: AssetName): Promise<string> {
  try {
    return await readFile(join(FOLDER, name), 'utf8');
  } catch (error) {
    const message = `dist/report/assets/${name} is missing; install the package again (in a checkout: npm run build:ts)`;
    throw new SparseTrainError('INTERNAL', message, { cause: error });
  }
}
