import { SparseTrainError } from '../../base/errors.js';
import { MANIFEST } from '../../base/package.js';

/** Packages that only searches over several machines need. They are optional peer dependencies. */
const PACKAGES = ['bullmq', 'ioredis'] as const;

/**
 * Loads a module of the queue.
 *
 * @throws SparseTrainError QUEUE_UNAVAILABLE, with the command that installs what is missing
 */
export async function withQueuePackages<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' && PACKAGES.some((name) => message.includes(`'${name}'`));
    if (!missing) throw error;
    const wanted = PACKAGES.map((name) => `"${name}@${MANIFEST?.peerDependencies?.[name] ?? 'latest'}"`);
    throw new SparseTrainError(
      'QUEUE_UNAVAILABLE',
      `a search over several machines needs packages that are not installed: npm install ${wanted.join(' ')}`,
      { cause: error },
    );
  }
}
