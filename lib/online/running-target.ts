/** Larger targets are clipped to this many standard deviations. */
const FARTHEST = 8;
/** The largest step of the running mean, in standard deviations, once there are enough values. */
const LARGEST_STEP = 6;
const ENOUGH = 20;
/** Units of the engine in one standard deviation. */
const UNITS = 2 ** 14;

/**
 * The running mean and standard deviation of a target that is a number (Welford); steps of extreme values are
 * limited.
 */
export class RunningTarget {
  count = 0;
  mean = 0;
  /** The sum of squared differences from the mean. */
  squares = 0;

  get deviation(): number {
    const deviation = this.count > 1 ? Math.sqrt(this.squares / this.count) : 0;
    return deviation > 0 && deviation < Infinity ? deviation : 1;
  }

  /** Converts a target to the engine's units. */
  scaled(value: number): number {
    const z = (value - this.mean) / this.deviation;
    return Math.floor(Math.min(FARTHEST, Math.max(-FARTHEST, z)) * UNITS + 0.5);
  }

  observe(value: number): void {
    let step = value - this.mean;
    if (this.count > ENOUGH) {
      const most = LARGEST_STEP * this.deviation;
      step = Math.min(most, Math.max(-most, step));
    }
    this.count++;
    this.mean += step / this.count;
    this.squares += (step * step * (this.count - 1)) / this.count;
  }
}
