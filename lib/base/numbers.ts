/** Formats numbers for people. All functions are pure and give the same text on every machine. */

/** A number of items: `39,936`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A number of items with its noun: `1 epoch`, `3 epochs`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A share from 0 to 1 in percent: `97.52 %`. */
export function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A number with the given significant digits, without an exponent where that stays short: `0.0873`, `1.2e-7`. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -5 || size > 8) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - size));
}

/** A duration: `3.2 µs`, `41 ms`, `0.58 s`, `2 min 05 s`, `1 h 02 min`. */
export function seconds(duration: number): string {
  if (duration < 1e-3) return `${significant(duration * 1e6, 2)} µs`;
  if (duration < 0.1) return `${significant(duration * 1e3, 2)} ms`;
  if (duration < 10) return `${duration.toFixed(duration < 0.995 ? 2 : 1)} s`;
  const whole = Math.round(duration);
  if (whole < 60) return `${whole} s`;
  const two = (part: number) => String(part).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A rate: `214 k/s`, `1.2 M/s`. */
export function perSecond(rate: number): string {
  if (rate >= 1e6) return `${significant(rate / 1e6, 3)} M/s`;
  if (rate >= 1e4) return `${significant(rate / 1e3, 3)} k/s`;
  return `${count(Math.round(rate))}/s`;
}

/** A size: `512 bytes`, `86.1 kB`, `1.2 MB`, `2.82 GB`. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} bytes`;
  if (size >= 1e9) return `${significant(size / 1e9, 3)} GB`;
  return size < 1e6 ? `${significant(size / 1e3, 3)} kB` : `${significant(size / 1e6, 3)} MB`;
}
