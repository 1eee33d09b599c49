import { invalidOption, unknownName } from '../base/errors.js';
import type { CatalogEntry } from './entry.js';
import { MNIST_ENTRY } from './mnist.js';
import { CIFAR_ENTRIES } from './sets/cifar.js';
import { EMNIST_ENTRIES, FASHION_MNIST_ENTRY, KMNIST_ENTRY } from './sets/mnist-relatives.js';
import { MORSE_ENTRY } from './sets/morse-entry.js';
import { COVERTYPE_ENTRY, HIGGS_ENTRY } from './sets/tables.js';

/** All named data sets. */
export const CATALOG: readonly CatalogEntry[] = [
  MNIST_ENTRY,
  MORSE_ENTRY,
  FASHION_MNIST_ENTRY,
  KMNIST_ENTRY,
  ...EMNIST_ENTRIES,
  ...CIFAR_ENTRIES,
  COVERTYPE_ENTRY,
  HIGGS_ENTRY,
];

/**
 * Finds a data set by name.
 *
 * @throws SparseTrainError UNKNOWN_DATASET, INVALID_OPTION if the name is not text
 */
export function catalogEntry(name: unknown): CatalogEntry {
  const names = CATALOG.map(({ info }) => info.name);
  if (typeof name !== 'string') {
    throw invalidOption('name', `the name of a data set (${names.join(', ')})`, name);
  }
  const entry = CATALOG.find(({ info }) => info.name === name);
  if (entry === undefined) throw unknownName('UNKNOWN_DATASET', 'data set', name, names);
  return entry;
}
