export function linkedFiles(markdown: string): string[];
export function absoluteLinks(
  markdown: string,
  manifest: { version: string; repository: { url: string } },
): string;
