import { percent, significant } from '../base/numbers.js';
import type { Metrics, MultilabelMetrics, RegressionMetrics } from '../training/metrics.js';
import { shorten } from './width.js';

const NAME = 16;

/** How often each column of classes is right, if there are several labels. */
function columnFacts({ columns = [] }: MultilabelMetrics | RegressionMetrics): [string, string][] {
  return columns.map(({ name, accuracy }) => [shorten(name, 12), `${percent(accuracy)} right`]);
}

/** Facts beside a result: what a constant prediction would reach and, with two classes, how well examples are ranked. */
export function baselineFacts(metrics: Metrics): [string, string][] {
  switch (metrics.kind) {
    case 'multilabel':
      return columnFacts(metrics);
    case 'regression':
      return [
        ['baseline', `the mean for every example is off by ${significant(metrics.baseline.rmse)}`],
        ...columnFacts(metrics),
      ];
    case 'classification': {
      const { baseline, twoClasses, loss } = metrics;
      const facts: [string, string][] = [
        [
          'baseline',
          `"${shorten(baseline.class, NAME)}" for every example: ${percent(baseline.accuracy)} right`,
        ],
        [
          'log loss',
          `${significant(loss)}; ${significant(baseline.loss)} if the shares of the classes are predicted`,
        ],
      ];
      if (twoClasses === undefined) return facts;
      const { positive, auc, averagePrecision, threshold } = twoClasses;
      const name = shorten(positive, NAME);
      const { probability, recall, precision } = threshold;
      return [
        ...facts,
        ['ranking', `AUC ${auc.toFixed(3)}, average precision ${averagePrecision.toFixed(3)} ("${name}")`],
        [
          'threshold',
          `from ${probability.toFixed(3)} on: finds ${percent(recall, 0)}, ${percent(precision, 0)} of them right`,
        ],
      ];
    }
  }
}
