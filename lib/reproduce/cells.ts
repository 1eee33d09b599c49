/** Numbers, tables and sources for the sections of docs/reproduction.md. */
import type { GroupSummary, Results } from './results.js';

/** Writes a share in percent. */
export const percent = (share: number) => (100 * share).toFixed(2);

/** Writes mean, deviation and range of a group, in percent. */
export function cell(summary: GroupSummary | undefined): string {
  if (summary === undefined) return 'not run';
  const { mean, deviation, accuracies } = summary;
  if (accuracies.length < 2) return percent(mean);
  const range = `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
  return `${percent(mean)} ± ${percent(deviation)} (${range})`;
}

/** Makes a table in markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Says where results come from and how to read them. */
export function origin(results: Results): string {
  const seconds = results.trials.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
  return (
    `${results.trials.length} runs, ${seconds.toFixed(0)} s of training on ${results.machine} (${results.kernelSet})` +
    `${results.quick ? ' in a quick run with fewer seeds and epochs, which is not the study itself' : ''}. ` +
    'Accuracies are percentages of the 10,000 test images (or of the test frames) after the last epoch: mean ± standard ' +
    'deviation (lowest to highest) over seeds. A seed decides the pattern, the first weights and, except for bit widths, the ' +
    'order of the examples.'
  );
}
