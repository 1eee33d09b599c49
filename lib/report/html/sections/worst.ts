import { counted, percent, significant } from '../../../base/numbers.js';
import type { ReportedRun, WorstExample } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';
import { picture } from '../picture.js';

/** The examples with the largest loss: as pictures if they are images, otherwise as a table. */
export function worstExamples({ tested }: ReportedRun, suffix: string, heading: string): Html {
  if (tested === undefined || tested.worst.length === 0) return html``;
  const { worst, metrics, data } = tested;
  const isRegression = metrics.kind === 'regression';
  const shown = counted(worst.length, 'example');
  const isPictures = worst.every((example) => example.picture !== undefined);
  const { inputs, inputsLeftOut } = worst[0] as WorstExample;
  const columns =
    isPictures || inputsLeftOut === 0
      ? ''
      : ` Shown are the first ${inputs.length} of ${inputs.length + inputsLeftOut} inputs.`;
  const remark = isRegression
    ? `The ${shown} of the ${data} with the largest errors.${columns}`
    : `The ${shown} of the ${data} whose true class got the lowest probability, as true class → predicted class.${columns}`;
  const content = isPictures
    ? html`<div class="pictures">\n${worst.map(figure)}</div>\n`
    : rows(worst, isRegression);
  return section(`worst${suffix}`, `Worst examples${heading}`, content, remark);
}

function figure(example: WorstExample): Html {
  const { row, truth, said, probabilities } = example;
  const likely =
    probabilities === undefined
      ? ''
      : html`<br><span class="whole">${percent(probabilities[0], 1)}</span> → <span class="whole">${percent(probabilities[1], 1)}</span>`;
  return html`<figure class="example">${
    example.picture === undefined
      ? ''
      : picture(example.picture, `Example ${row}: it is ${truth}, and was taken for ${said}`)
  }<figcaption><b>${truth} → ${said}</b>${likely}</figcaption></figure>\n`;
}

function rows(worst: readonly WorstExample[], isRegression: boolean): Html {
  const [first] = worst;
  const names = first?.inputs.map(([name]) => name) ?? [];
  const hasProbabilities = first?.probabilities !== undefined;
  const before = hasProbabilities ? 4 : 3;
  const texts = (first?.inputs ?? []).flatMap(([, value], i) =>
    typeof value === 'string' ? [before + i] : [],
  );
  return table(
    ['row', 'true', 'predicted', ...(hasProbabilities ? ['probabilities'] : []), ...names],
    worst.map(({ row, truth, said, probabilities, inputs }) => [
      row + 1,
      truth,
      said,
      ...(hasProbabilities
        ? [`${percent(probabilities?.[0] ?? 0, 1)} → ${percent(probabilities?.[1] ?? 0, 1)}`]
        : []),
      ...inputs.map(([, value]) => (typeof value === 'string' ? value : plain(value))),
    ]),
    { left: [...(isRegression ? [] : [1, 2]), ...texts] },
  );
}

/** A number with four significant digits at most: `4`, `0.4698`. */
function plain(value: number): string {
  const text = significant(value, 4);
  return text.includes('e') || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}
