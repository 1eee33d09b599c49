/** Rows of a made-up stream, the same in every run. */
import type { Lesson } from '../../lib/public/serve.js';

/** Row number `i`; its class depends on its values. */
export function rowOf(i: number): Record<string, unknown> {
  const price = ((i * 7919) % 1000) / 10;
  return {
    price,
    zone: `zone-${i % 7}`,
    at: new Date(1.7e12 + i * 3.6e6).toISOString(),
    note: `sold ${i % 3} times`,
  };
}

export function lessonOf(i: number): Lesson {
  const { price, zone } = rowOf(i) as { price: number; zone: string };
  return { row: rowOf(i), target: price > 50 === zone < 'zone-4' ? 'up' : 'down' };
}

/** Lessons `first` to `last - 1`. */
export function lessons(first: number, last: number): Lesson[] {
  return Array.from({ length: last - first }, (_, i) => lessonOf(first + i));
}
