import { SparseTrainError } from '../../base/errors.js';
import { type Axis, axisOf, type Parameter, type Parameters, type ParameterValue } from './parameter.js';

/** A search space: its parameters, each after those that its condition names. */
export class Space {
  readonly axes: readonly Axis[];
  readonly #byName: ReadonlyMap<string, Axis>;

  /**
   * @param parameters - already checked, except for circular conditions
   * @throws SparseTrainError INVALID_OPTION
   */
  constructor(parameters: Readonly<Record<string, Parameter>>) {
    this.axes = inOrder(parameters).map((name) => axisOf(name, parameters[name] as Parameter));
    this.#byName = new Map(this.axes.map((axis) => [axis.name, axis]));
  }

  /** The axis of a parameter of this space. */
  axis(name: string): Axis {
    const axis = this.#byName.get(name);
    if (axis === undefined) throw new SparseTrainError('INTERNAL', `there is no parameter ${name}`);
    return axis;
  }

  /** Whether a parameter exists, given the values of the parameters before it. */
  isActive({ parameter: { when } }: Axis, values: Parameters): boolean {
    if (when === undefined) return true;
    return Object.entries(when).every(([name, wanted]) => name in values && fits(values[name], wanted));
  }

  /**
   * Chooses values for all parameters that exist.
   *
   * @param choose - returns a value for an axis; called only for parameters that exist
   */
  assemble(choose: (axis: Axis) => ParameterValue): Parameters {
    const values: Record<string, ParameterValue> = {};
    for (const axis of this.axes) {
      if (this.isActive(axis, values)) values[axis.name] = choose(axis);
    }
    return values;
  }

  /** The number of points in a grid over all parameters, before conditions merge any; Infinity for floats. */
  get gridSize(): number {
    return this.axes.reduce((product, { size }) => product * size, 1);
  }
}

function fits(
  value: ParameterValue | undefined,
  wanted: ParameterValue | readonly ParameterValue[],
): boolean {
  const text = JSON.stringify(value);
  if (JSON.stringify(wanted) === text) return true;
  return Array.isArray(wanted) && wanted.some((one) => JSON.stringify(one) === text);
}

/** The names, ordered so that each comes after those that its condition names. */
function inOrder(parameters: Readonly<Record<string, Parameter>>): string[] {
  const done: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (done.includes(name)) return;
    if (path.includes(name)) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `space: the conditions of ${[...path.slice(path.indexOf(name)), name].join(' -> ')} go round in a circle`,
      );
    }
    for (const other of Object.keys(parameters[name]?.when ?? {})) visit(other, [...path, name]);
    done.push(name);
  };
  for (const name of Object.keys(parameters)) visit(name, []);
  return done;
}
