/** What stands in the JSON element #study of a study's report. */

interface StudyObjective {
  measure: string;
  direction: 'maximize' | 'minimize';
}

interface StudyParameter {
  name: string;
  log: boolean;
  /** Of categories: their names; null: a number. */
  choices: string[] | null;
}

interface StudyTrial {
  number: number;
  /** By objective. */
  values: (number | null)[];
  /** By parameter; null: it does not exist in this trial. */
  parameters: (number | string | null)[];
}

interface StudyPage {
  objectives: StudyObjective[];
  parameters: StudyParameter[];
  trials: StudyTrial[];
  front: number[];
  importances: { parameter: string; share: number }[][];
}

type ChartOption = import('echarts').EChartsOption;
