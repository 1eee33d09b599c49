export function verdict(text: string): { outcome: 'clean' | 'findings' | 'not asked'; lines: string[] };
