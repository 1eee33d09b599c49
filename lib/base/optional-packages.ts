import module from 'node:module';
import { type ErrorCode, SparseTrainError } from './errors.js';
import { MANIFEST, THIS_FILE } from './package.js';

/**
 * Loads packages that only some users need: optional peer dependencies, which npm does not install by itself. A
 * require() instead of an import keeps bundlers from failing where they are not installed.
 *
 * @param need - begins the error's message: `a search over several machines`
 * @param load - tests replace it
 * @throws SparseTrainError with `code`, and with the command that installs the packages
 */
export function optionalPackages<P>(
  names: readonly (keyof P & string)[],
  need: string,
  code: ErrorCode,
  load: (name: string) => unknown = module.createRequire(THIS_FILE),
): P {
  try {
    return Object.fromEntries(names.map((name) => [name, load(name)])) as P;
  } catch (error) {
    const { code: reason, message } = error as NodeJS.ErrnoException;
    const missing = reason === 'MODULE_NOT_FOUND' && names.some((name) => message.includes(`'${name}'`));
    // Yarn's Plug'n'Play uses its own error code.
    if (!missing && reason !== 'UNDECLARED_DEPENDENCY') throw error;
    const wanted = names.map((name) => `"${name}@${MANIFEST?.peerDependencies?.[name] ?? 'latest'}"`);
    throw new SparseTrainError(
      code,
      `${need} needs packages that are not installed: npm install ${wanted.join(' ')}`,
      { cause: error },
    );
  }
}
