/** What was aimed at, and what came of it. */
export interface Target {
  readonly what: string;
  /** In words: at least 100x. */
  readonly goal: string;
  /** What was measured; undefined: nothing was. */
  readonly measured: string | undefined;
  /** Measured over goal, above 1 where the goal was met; undefined if nothing was measured. */
  readonly score: number | undefined;
  /** Told beside the outcome. */
  readonly remark?: string;
}
