import { readFile } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';
import { packageFile } from '../../base/package.js';

/**
 * Style sheets and scripts of the pages: the compiled files of lib/report/client, and the browser builds of libraries.
 */
export type AssetName =
  | 'page.css'
  | 'charts.js'
  | 'dashboard.js'
  | 'model.js'
  | 'uPlot.min.css'
  | 'uPlot.iife.min.js'
  | 'study.css'
  | 'study-map.js'
  | 'study-table.js'
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
    return await readFile(packageFile(`#report-assets/${name}`), 'utf8');
  } catch (error) {
    const message = `the page's ${name} is missing; install the package again (in a checkout: npm run build:ts)`;
    throw new SparseTrainError('INTERNAL', message, { cause: error });
  }
}
