import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package.js';
import { knownCacheFolder } from '../../catalog/store/places.js';

/** Where baselines live. */
export interface BaselinePlaces {
  /** The folder of their scripts, which packages contain too. */
  readonly scripts: string;
  /** The folder of libraries that were installed for them: `.venv` for Python, `js/node_modules` for JavaScript. */
  readonly tools: string;
  /** Both folders as the commands that install the libraries write them; in a checkout, relative to its root. */
  readonly shown: { readonly scripts: string; readonly tools: string };
}

/**
 * The places of this installation. A checkout keeps libraries beside the scripts. An installed package keeps them in the
 * user's cache instead: its own folder may be read-only, and every update replaces it.
 */
export function baselinePlaces(root = PACKAGE_ROOT): BaselinePlaces {
  const scripts = join(root, 'scripts', 'baselines');
  if (existsSync(join(root, 'tsconfig.json'))) {
    return { scripts, tools: scripts, shown: { scripts: 'scripts/baselines', tools: 'scripts/baselines' } };
  }
  const tools = join(knownCacheFolder() ?? join(tmpdir(), 'sparse-train'), 'baselines');
  return { scripts, tools, shown: { scripts, tools } };
}

/** The folder of result files of this installation, some of which are from other machines. */
export function resultsFolder(): string {
  return join(baselinePlaces().scripts, 'results');
}
