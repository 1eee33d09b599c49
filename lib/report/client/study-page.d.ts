/** The contents of the JSON element #study in a study's report. */

interface StudyObjective {
  measure: string;
  direction: 'maximize' | 'minimize';
}

interface StudyParameter {
  name: string;
  log: boolean;
  /** Whether its values are whole numbers. */
  isWhole: boolean;
  /** Names of the categories; null for a numeric parameter. */
  choices: string[] | null;
}

interface StudyTrial {
  number: number;
  /** One value per objective. */
  values: (number | null)[];
  /** One value per parameter; null if it does not exist in this trial. */
  parameters: (number | string | null)[];
}

/** A trial in the table of all trials. */
interface StudyRow {
  number: number;
  state: string;
  seconds: number | null;
  /** Everything that was measured, by its name. */
  values: Record<string, number>;
  parameters: (number | string | null)[];
}

interface StudyPage {
  objectives: StudyObjective[];
  parameters: StudyParameter[];
  trials: StudyTrial[];
  /** All trials, complete or not, for the table. */
  all: StudyRow[];
  /** The fewest complete trials for which the importance of parameters is computed. */
  leastTrials: number;
  front: number[];
  importances: { parameter: string; share: number }[][];
}

type ChartOption = import('echarts').EChartsOption;
