/** Rewrites the links of a page that is published outside its repository. */

/** A link or a picture of Markdown: `[text](target)`, with a title or without. */
const LINK = /(!?)\[((?:[^\]\\]|\\.)*)\]\(([^)\s]+)((?:\s+"[^"]*")?)\)/g;

/** Whether a target is a file of the repository. */
const isRelative = (target) => !/^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target);

/**
 * The files of the repository that a page links to, without anchors.
 * @param {string} markdown
 * @returns {string[]}
 */
export function linkedFiles(markdown) {
  const files = [...markdown.matchAll(LINK)].flatMap(([, , , target = '']) =>
    isRelative(target) ? [target.split('#', 1)[0] ?? ''] : [],
  );
  return [...new Set(files)];
}

/**
 * The page with every link to a file made absolute: to the file on the repository's site, at the tag of the
 * version; pictures link to the file itself.
 * @param {string} markdown
 * @param {{ version: string, repository: { url: string } }} manifest
 */
export function absoluteLinks(markdown, { version, repository }) {
  const site = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  return markdown.replace(LINK, (whole, mark, text, target, title) => {
    if (!isRelative(target)) return whole;
    return `${mark}[${text}](${site}/${mark === '!' ? 'raw' : 'blob'}/v${version}/${target}${title})`;
  });
}
