import { percent, significant } from '../../../base/numbers.js';
import type { ReportedRun, WorstExample } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';
import { picture } from '../picture.js';

/** The examples with the largest loss: as pictures if they are images, otherwise as a table. */
export function worstExamples({ tested }: ReportedRun, suffix: string, heading: string): Html {
  if (tested === undefined || tested.worst.length === 0) return html``;
  const { worst, metrics, data } = tested;
  const isRegression = metrics.kind === 'regression';
  const remark = isRegression
    ? `The ${worst.length} ${data} that it misses by most.`
    : `Of the ${data} that are wrong, the ${worst.length} whose truth has the least probability; truth → what was said.`;
  const content = worst.every((example) => example.picture !== undefined)
    ? html`<div class="pictures">\n${worst.map(figure)}</div>\n`
    : rows(worst);
  return section(`worst${suffix}`, `Worst examples${heading}`, content, remark);
}

function figure(example: WorstExample): Html {
  const { row, truth, said, probabilities } = example;
  const likely =
    probabilities === undefined
      ? ''
      : html`<br>${percent(probabilities[0], 1)} → ${percent(probabilities[1], 1)}`;
  return html`<figure class="example">${
    example.picture === undefined
      ? ''
      : picture(example.picture, `Example ${row}: it is ${truth}, and was taken for ${said}`)
  }<figcaption><b>${truth} → ${said}</b>${likely}</figcaption></figure>\n`;
}

function rows(worst: readonly WorstExample[]): Html {
  const [first] = worst;
  const names = first?.inputs.map(([name]) => name) ?? [];
  const hasProbabilities = first?.probabilities !== undefined;
  return table(
    ['row', 'is', 'was taken for', ...(hasProbabilities ? ['probability'] : []), ...names],
    worst.map(({ row, truth, said, probabilities, inputs }) => [
      row + 1,
      truth,
      said,
      ...(hasProbabilities
        ? [`${percent(probabilities?.[0] ?? 0, 1)} → ${percent(probabilities?.[1] ?? 0, 1)}`]
        : []),
      ...inputs.map(([, value]) => significant(value, 4)),
    ]),
    { left: [1, 2] },
  );
}
