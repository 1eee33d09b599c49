/** The most words of one text that are read; a text's first words are the ones that are. */
const MOST_WORDS = 1024;

/** Whether a text is several words rather than a name. */
export function isText(value: string): boolean {
  return /\S\s+\S/.test(value);
}

/** The words of a text in lower case, and the pairs of neighbours among them, each once. */
export function wordsOf(text: string): Set<string> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).slice(0, MOST_WORDS);
  const found = new Set(words);
  for (let i = 1; i < words.length; i++) found.add(`${words[i - 1]} ${words[i]}`);
  return found;
}
