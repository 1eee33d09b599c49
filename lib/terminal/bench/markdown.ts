import type { Section, Table } from './format.js';

/** A section as Markdown. */
export function sectionMarkdown({ title, text, notes = [], tables }: Section): string {
  const isList = text.every((line) => line.startsWith('- '));
  const paragraphs = text.length === 0 ? [] : [text.join(isList ? '\n' : '\n\n')];
  return `${[`## ${title}`, ...paragraphs, ...notes, ...tables.map(tableMarkdown)].join('\n\n')}\n`;
}

/** A table as Markdown, below its caption. */
export function tableMarkdown({ title, head, rows, left = [0] }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, i) => (left.includes(i) ? '---' : '---:'));
  const caption = title === undefined ? [] : [`**${title}**`, ''];
  return [...caption, line(head), line(rule), ...rows.map(line)].join('\n');
}
