/** The limits of the wide arithmetic (docs/arithmetic.md). */

/** Bits of activations after the point. */
export const ACTIVATION_FRACTION = 8;

/** The largest magnitude of an activation, in units of 2^-8. */
export const ACTIVATION_MAX = 2047;

/** Sums are clipped to this magnitude, in units of 2^-(8 + weight fraction). */
export const SUM_MAX = 2 ** 30;
