/** The work of one block: names of inputs, or undefined where there is no work. */
export interface JunctionWork<Input> {
  junction: number;
  forward?: Input;
  /** Backpropagation and update. */
  backward?: Input;
}

/**
 * Steps of work whose parts all read the state before the step. A sequential block is many steps, a pipelined one is
 * a single step.
 */
export type Step<Input> = JunctionWork<Input>[];

/** The blocks of a network of `junctions` junctions. */
export class Schedule<Input> {
  readonly #junctions: number;
  readonly #pipelined: boolean;
  /** Pipelined: the input that each block so far took in. */
  readonly #blocks: (Input | undefined)[] = [];

  constructor(kind: 'pipelined' | 'sequential', junctions: number) {
    this.#junctions = junctions;
    this.#pipelined = kind === 'pipelined';
  }

  /** Whether an input taken in still has work left. */
  get busy(): boolean {
    return (
      this.#pipelined && this.#blocks.slice(1 - 2 * this.#junctions).some((input) => input !== undefined)
    );
  }

  /** The steps of the next block, which takes in an input or a bubble. */
  block(input: Input | undefined): Step<Input>[] {
    const J = this.#junctions;
    const junctions = [...Array(J).keys()];
    if (!this.#pipelined) {
      if (input === undefined) return [];
      const forward = junctions.map((junction) => [{ junction, forward: input }]);
      const backward = junctions.map((junction) => [{ junction, backward: input }]).reverse();
      return [...forward, ...backward];
    }
    const now = this.#blocks.push(input) - 1;
    const step = junctions.map((junction) => {
      const forward = this.#blocks[now - junction];
      const backward = this.#blocks[now - (2 * J - 1 - junction)];
      return { junction, ...(forward && { forward }), ...(backward && { backward }) };
    });
    return [step];
  }
}
