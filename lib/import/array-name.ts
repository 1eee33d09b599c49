/** The parts of an array's name: up to the last `.`, `/` or `_`, and after it. Keras adds `:0`, which is left out. */
export function splitName(name: string): { prefix: string; last: string } {
  const plain = name.replace(/:0$/, '');
  const end = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf('/'), plain.lastIndexOf('_'));
  return { prefix: plain.slice(0, end + 1), last: plain.slice(end + 1) };
}
