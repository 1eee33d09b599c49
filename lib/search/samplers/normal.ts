/** The standard normal cumulative distribution function, to about 14 digits. */
export function normalCdf(z: number): number {
  if (z < 0) return 1 - normalCdf(-z);
  const x = z / Math.SQRT2;
  return x > 2.5 ? 1 - 0.5 * upperTail(x) : 0.5 + 0.5 * fromZero(x);
}

/** erf(x) = 2 / sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (2n+1)!! (Abramowitz and Stegun, 7.1.6). */
function fromZero(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) as a continued fraction (Abramowitz and Stegun, 7.1.14), for x well above 0. */
function upperTail(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
