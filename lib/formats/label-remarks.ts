import { count } from '../base/numbers.js';
import type { Dataset } from '../data/dataset.js';
import type { ClassTargets, ValueTargets } from '../data/targets.js';

/**
 * What may surprise about labels from a file of their own: classes without examples, and lists of zeros with a single 1.
 *
 * @param file - where the labels come from
 */
export function remarksOnLabels({ targets }: Dataset, file: string): string[] {
  if (targets.kind === 'classes') return remarkOnEmptyClasses(targets, file);
  return targets.kind === 'values' ? remarkOnOneHot(targets, file) : [];
}

/** Labels such as 0 0 1 0 mean a class to many programs, but to this one they are four numbers to predict. */
function remarkOnOneHot({ data, names }: ValueTargets, file: string): string[] {
  const width = names.length;
  if (width < 2) return [];
  for (let start = 0; start < data.length; start += width) {
    let ones = 0;
    for (let k = start; k < start + width; k++) {
      if (data[k] === 1) ones++;
      else if (data[k] !== 0) return [];
    }
    if (ones !== 1) return [];
  }
  return [
    `${file}: each row has a single 1 among ${width - 1} ${width === 2 ? 'zero' : 'zeros'}, which are taken for ${width} numbers to predict; if it ` +
      'marks a class, save the numbers of the classes, in NumPy with labels.argmax(1)',
  ];
}

/**
 * Says of numbered labels that skip numbers, such as 1 to 3, that there are classes without examples: the number of a
 * class is the number of its output.
 */
function remarkOnEmptyClasses({ labels, classes }: ClassTargets, file: string): string[] {
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
