/** What the sections of docs/reproduction.md are written with. */
import type { GroupSummary, Results } from './results.js';

/** A share in percent. */
export const percent = (share: number) => (100 * share).toFixed(2);

/** Mean, deviation and range of a group, in percent. */
export function cell(summary: GroupSummary | undefined): string {
  if (summary === undefined) return 'not run';
  const { mean, deviation, accuracies } = summary;
  if (accuracies.length < 2) return percent(mean);
  const range = `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
  return `${percent(mean)} ± ${percent(deviation)} (${range})`;
}

/** A table of markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Where results are from, and what they are. */
export function origin(results: Results): string {
  const seconds = results.trials.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
  return (
    `${results.trials.length} runs, ${seconds.toFixed(0)} s of training on ${results.machine} (${results.kernelSet})` +
    `${results.quick ? '; a quick run with fewer seeds and epochs, not the study itself' : ''}. ` +
    `Accuracies are those of the 10,000 test images (or the test frames) after the last epoch, in percent: mean ± ` +
    'standard deviation (lowest to highest) over seeds, which decide pattern, first weights and (but for bit widths) order.'
  );
}
