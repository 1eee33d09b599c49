import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import { type CsvRow, csvRowEncoder } from '../../formats/csv/row.js';
import { isInput } from '../../formats/csv/schema.js';
import { textNumber } from '../../formats/csv/value.js';
import type { InputRow } from '../../network/inputs.js';
import { saveNetwork } from '../../network/network-base.js';
import type { Network } from '../../training/network.js';
import type { Lesson } from '../journal/record.js';
import type { ServedColumn, ServedModel } from './served-model.js';

type Target = number | string | boolean | readonly number[];

/** A network that is served: rows by the names of its table's columns, or lists of numbers. */
export class NetworkModel implements ServedModel {
  readonly kind = 'network';
  readonly targets: readonly ('class' | 'number' | 'outputs')[];
  readonly drifts = 0;
  readonly weights: number;
  readonly #network: Network;
  readonly #encode: (row: unknown) => InputRow;
  readonly #output: string;
  readonly #outputs: number;

  constructor(network: Network) {
    this.#network = network;
    const { output, layers, edges } = network.inspect();
    this.#output = output;
    this.#outputs = layers.at(-1) as number;
    this.targets = [output === 'softmax' ? 'class' : this.#outputs === 1 ? 'number' : 'outputs'];
    this.weights = edges;
    this.#encode = network.schema === undefined ? numbersOf : encoderOf(network);
  }

  get rows(): number {
    return this.#network.training.learned;
  }

  columns(): readonly ServedColumn[] | undefined {
    return this.#network.schema?.columns.filter(isInput).map((column) => ({
      name: column.name,
      kinds: ['categories' in column ? 'category' : 'number'],
      required: true,
      values: 'categories' in column ? column.categories.values : undefined,
    }));
  }

  classes(): readonly (readonly string[])[] {
    return [this.#network.classes ?? []];
  }

  scores(): undefined {
    return undefined;
  }

  predict(row: unknown, hasTicket: boolean): object {
    if (hasTicket) throw noTickets();
    const scores = Array.from(this.#network.predict(this.#encode(row)));
    const { classes } = this.#network;
    if (this.#output === 'linear') return this.#outputs === 1 ? { value: scores[0] } : { values: scores };
    if (this.#output !== 'softmax') return { probabilities: scores };
    const best = scores.indexOf(Math.max(...scores));
    const nameOf = (index: number) => classes?.[index] ?? String(index);
    return {
      class: nameOf(best),
      probability: scores[best],
      probabilities: Object.fromEntries(scores.map((score, i) => [nameOf(i), score])),
    };
  }

  check(lesson: Lesson): void {
    if ('ticket' in lesson) throw noTickets();
    // Predicting checks the inputs as learning does, and changes nothing.
    this.#network.predict(this.#encode(lesson.row));
    this.#targetOf(lesson.target);
  }

  learn(lesson: Lesson): undefined {
    if ('ticket' in lesson) throw noTickets();
    this.#network.learn(this.#encode(lesson.row), this.#targetOf(lesson.target));
  }

  /** @throws SparseTrainError INVALID_DATA */
  #targetOf(target: unknown): Target | ArrayLike<number> {
    const found =
      this.#output === 'softmax' ? this.#classOf(target) : this.#isValues(target) ? target : undefined;
    if (found !== undefined) return found as Target;
    throw new SparseTrainError('INVALID_DATA', {
      says: `the target must be ${this.#expectedTarget()}, but it is ${describeValue(target)}`,
    });
  }

  /**
   * A class by its name, or by its number if it has none. A number in a row means the class of that name where the names
   * are numbers themselves: of the classes 1, 2 and 3, target 1 is the first.
   */
  #classOf(target: unknown): number | string | undefined {
    const { classes } = this.#network;
    const isIndex = classes === undefined || !classes.every(isNumber);
    if (typeof target === 'number' && isIndex)
      return Number.isInteger(target) && target >= 0 && target < this.#outputs ? target : undefined;
    // A number beyond 2^53 may have been rounded to the name of another class.
    if (typeof target === 'number' && Math.abs(target) > Number.MAX_SAFE_INTEGER) return undefined;
    const name = String(target);
    return classes?.includes(name) ? name : undefined;
  }

  #isValues(target: unknown): boolean {
    const values: readonly unknown[] = Array.isArray(target) ? target : [target];
    const isOne = (value: unknown) =>
      this.#output === 'linear'
        ? Number.isFinite(value)
        : value === 0 || value === 1 || typeof value === 'boolean';
    return values.length === this.#outputs && values.every(isOne);
  }

  #expectedTarget(): string {
    const { classes } = this.#network;
    if (this.#output === 'softmax') {
      if (classes === undefined) return `a whole number from 0 to ${this.#outputs - 1}`;
      const names = `one of the classes ${classes.slice(0, 20).join(', ')}`;
      return classes.every(isNumber) ? `${names} (beyond 2^53 as a text)` : `${names}, or its number`;
    }
    const one = this.#output === 'linear' ? 'a number' : '0 or 1';
    return this.#outputs === 1 ? one : `a list of ${this.#outputs} values, each ${one}`;
  }

  settle(): void {
    this.#network.flush();
  }

  digest(): string {
    return this.#network.digest();
  }

  save(file: string, texts: Readonly<Record<string, string>>): Promise<void> {
    return saveNetwork(this.#network, file, texts);
  }

  close(): void {
    this.#network.close();
  }
}

function isNumber(name: string): boolean {
  return !Number.isNaN(textNumber(name, '.'));
}

/** Encodes rows as the training table was. Names that are no columns are refused: they are misspelt ones. */
function encoderOf(network: Network): (row: unknown) => InputRow {
  const schema = network.schema as NonNullable<Network['schema']>;
  const encode = csvRowEncoder(schema);
  const names = schema.columns.map(({ name }) => name);
  return (row) => {
    if (typeof row === 'object' && row !== null && !Array.isArray(row))
      for (const name of Object.keys(row)) if (!names.includes(name)) throw unknownField(name, names);
    return encode(row as CsvRow);
  };
}

function unknownField(name: string, names: readonly string[]): SparseTrainError {
  const near = nearest(name, names);
  return new SparseTrainError('INVALID_DATA', {
    says: `the row has a field ${describeValue(name)}, which the model does not know`,
    advice:
      near === undefined ? `its columns are ${names.slice(0, 20).join(', ')}` : `did you mean "${near}"?`,
  });
}

/** Reads inputs as numbers, for a network that was not trained on a table. */
function numbersOf(row: unknown): InputRow {
  if (!Array.isArray(row)) {
    throw new SparseTrainError('INVALID_DATA', {
      says: `a row must be a list of numbers, but it is ${describeValue(row)}`,
    });
  }
  const wrong = row.findIndex((value) => typeof value !== 'number' || !Number.isFinite(value));
  if (wrong === -1) return row as number[];
  throw new SparseTrainError('INVALID_DATA', {
    says: `value ${wrong} of the row must be a number, but it is ${describeValue(row[wrong])}`,
  });
}

function noTickets(): SparseTrainError {
  return new SparseTrainError('INVALID_DATA', {
    says: 'predictions of a network have no tickets',
    advice: 'send the row again with its target',
  });
}
