/** A value of a parameter: anything that JSON can hold. */
export type ParameterValue =
  | string
  | number
  | boolean
  | null
  | readonly ParameterValue[]
  | { readonly [key: string]: ParameterValue };

/** Values of a trial's parameters by name, without inactive ones. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/**
 * The condition under which a parameter exists: each of the named parameters exists and has the given value, or one of
 * the given values.
 */
export type Condition = Readonly<Record<string, ParameterValue | readonly ParameterValue[]>>;

/** A real number. */
export interface FloatParameter {
  readonly kind: 'float';
  readonly low: number;
  /** At least `low`. */
  readonly high: number;
  /** Whether to search on a logarithmic scale (`low` must be above 0); false by default. */
  readonly log?: boolean | undefined;
  /** Only `low`, `low` + `step` and so on; not together with `log`. */
  readonly step?: number | undefined;
  readonly when?: Condition | undefined;
}

/** A whole number, `low` and `high` included. */
export interface IntParameter {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly log?: boolean | undefined;
  readonly step?: number | undefined;
  readonly when?: Condition | undefined;
}

/** One of several values, which have no order. */
export interface CategoricalParameter {
  readonly kind: 'categorical';
  readonly choices: readonly ParameterValue[];
  readonly when?: Condition | undefined;
}

/** One dimension of a search space. */
export type Parameter = FloatParameter | IntParameter | CategoricalParameter;

/**
 * A parameter's inner coordinate, which samplers work with: for numbers the value itself or, with `log`, its natural
 * logarithm; for a categorical value its index among the choices.
 */
export interface Axis {
  readonly name: string;
  readonly parameter: Parameter;
  /**
   * The ends of the inner range. For rounded numbers it is half a step wider, so that all of them are equally likely.
   */
  readonly low: number;
  readonly high: number;
  /** The number of values; Infinity for a float without steps. */
  readonly size: number;
  /**
   * The distance between neighbouring values, before any logarithm; undefined for continuous and categorical
   * parameters.
   */
  readonly step: number | undefined;
}

/** The axis of a parameter. */
export function axisOf(name: string, parameter: Parameter): Axis {
  if (parameter.kind === 'categorical') {
    const size = parameter.choices.length;
    return { name, parameter, low: 0, high: size, size, step: undefined };
  }
  const { low, high, log = false } = parameter;
  const step = parameter.step ?? (parameter.kind === 'int' ? 1 : undefined);
  const inner = (value: number) => (log ? Math.log(value) : value);
  if (step === undefined) {
    return { name, parameter, low: inner(low), high: inner(high), size: low === high ? 1 : Infinity, step };
  }
  // The last step may fall short of the upper end. The tiny allowance covers rounding as in 0.1 + 0.2.
  const size = Math.floor((high - low) / step + 1e-9) + 1;
  const last = low + (size - 1) * step;
  return { name, parameter, low: inner(low - step / 2), high: inner(last + step / 2), size, step };
}

/** The value at an inner coordinate, rounded and clipped to what the parameter allows. */
export function valueAt({ parameter, step, size }: Axis, coordinate: number): ParameterValue {
  if (parameter.kind === 'categorical') {
    const index = Math.min(size - 1, Math.max(0, Math.floor(coordinate)));
    return parameter.choices[index] as ParameterValue;
  }
  const { low, high, log = false } = parameter;
  const raw = log ? Math.exp(coordinate) : coordinate;
  if (step === undefined) return Math.min(high, Math.max(low, raw));
  const index = Math.min(size - 1, Math.max(0, Math.round((raw - low) / step)));
  return stepped(low, step, index);
}

/** `low + index * step` without the rounding errors of decimal steps (0.1 + 2 * 0.1 = 0.30000000000000004). */
function stepped(low: number, step: number, index: number): number {
  return Number((low + index * step).toPrecision(15));
}

/** The inner coordinate of a value. For a categorical value its index, or -1 if it is not one of the choices. */
export function coordinateOf({ parameter }: Axis, value: ParameterValue): number {
  if (parameter.kind !== 'categorical') {
    return parameter.log ? Math.log(value as number) : (value as number);
  }
  const text = JSON.stringify(value);
  return parameter.choices.findIndex((choice) => JSON.stringify(choice) === text);
}

/** The value at a share of the range, 0 to below 1; all values of a discrete parameter have equal shares. */
export function valueAtShare(axis: Axis, share: number): ParameterValue {
  return valueAt(axis, axis.low + share * (axis.high - axis.low));
}

/** The value with this index among all values in order, for a parameter with finitely many values. */
export function valueNumber({ parameter, step }: Axis, index: number): ParameterValue {
  if (parameter.kind === 'categorical') return parameter.choices[index] as ParameterValue;
  return step === undefined ? parameter.low : stepped(parameter.low, step, index);
}
