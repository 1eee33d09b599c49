import { count } from '../base/numbers.js';
import type { Dataset } from '../data/dataset.js';

/**
 * Says of numbered labels that skip numbers, such as 1 to 3, that there are classes without examples: the number of a
 * class is the number of its output.
 *
 * @param file - where the labels come from
 */
export function remarkOnEmptyClasses({ targets }: Dataset, file: string): string[] {
  if (targets.kind !== 'classes') return [];
  const { labels, classes } = targets;
  if (classes.some((name, i) => name !== String(i))) return [];
  const used = new Set(labels);
  const first = classes.findIndex((_, i) => !used.has(i));
  if (first === -1) return [];
  const empty = classes.length - used.size;
  const lowest = labels.reduce((least, label) => Math.min(least, label));
  return [
    `${file}: no label is ${first} (they go from ${lowest} to ${classes.length - 1}), but classes are counted from 0, so ` +
      `${count(empty)} of ${count(classes.length)} classes ${empty === 1 ? 'has' : 'have'} no example; number them without gaps, or give names`,
  ];
}
