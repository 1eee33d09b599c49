/** Only this many words at the beginning of a text are read. */
const MOST_WORDS = 1024;

/** Whether a text consists of several words and is not just a name. */
export function isText(value: string): boolean {
  return /\S\s+\S/.test(value);
}

/** The words of a text in lower case, and the pairs of neighbouring words, each once. */
export function wordsOf(text: string): Set<string> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).slice(0, MOST_WORDS);
  const found = new Set(words);
  for (let i = 1; i < words.length; i++) found.add(`${words[i - 1]} ${words[i]}`);
  return found;
}
