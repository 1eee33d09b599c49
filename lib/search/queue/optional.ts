import module from 'node:module';
import { SparseTrainError } from '../../base/errors.js';
import { MANIFEST, THIS_FILE } from '../../base/package.js';

/** Packages that only searches over several machines need. They are optional peer dependencies. */
const PACKAGES = ['bullmq', 'ioredis'] as const;

/** The exports of the two packages. */
export interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: typeof import('ioredis');
}

/**
 * Loads the packages. A require() instead of an import keeps bundlers from failing where they are not installed.
 *
 * @param load - tests replace it
 * @throws SparseTrainError QUEUE_UNAVAILABLE, with the command that installs them
 */
export function queuePackages(
  load: (name: string) => unknown = module.createRequire(THIS_FILE),
): QueuePackages {
  try {
    return Object.fromEntries(PACKAGES.map((name) => [name, load(name)])) as unknown as QueuePackages;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'MODULE_NOT_FOUND' && PACKAGES.some((name) => message.includes(`'${name}'`));
    // Yarn's Plug'n'Play uses its own error code.
    if (!missing && code !== 'UNDECLARED_DEPENDENCY') throw error;
    const wanted = PACKAGES.map((name) => `"${name}@${MANIFEST?.peerDependencies?.[name] ?? 'latest'}"`);
    throw new SparseTrainError(
      'QUEUE_UNAVAILABLE',
      `a search over several machines needs packages that are not installed: npm install ${wanted.join(' ')}`,
      { cause: error },
    );
  }
}
