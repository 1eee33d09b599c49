export const TOOLS: Readonly<Record<string, string>>;
