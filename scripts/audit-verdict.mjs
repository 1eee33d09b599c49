/**
 * Interprets an answer of `npm audit --json`.
 *
 * @param {string} text
 * @returns {{ outcome: 'clean' | 'findings' | 'not asked', lines: string[] }} lines: for people
 */
export function verdict(text) {
  const answer = JSON.parse(text);
  if (answer.metadata?.vulnerabilities === undefined) {
    const reason = answer.statusCode ?? answer.error?.code ?? answer.message;
    if (reason === undefined)
      throw new Error(`npm audit answered with neither findings nor an error: ${text}`);
    return {
      outcome: 'not asked',
      lines: [`NOT CHECKED: the registry does not answer questions about known vulnerabilities (${reason})`],
    };
  }
  const found = Object.values(answer.vulnerabilities ?? {});
  if (answer.metadata.vulnerabilities.total === 0 && found.length === 0) {
    return {
      outcome: 'clean',
      lines: [`no known vulnerability in ${answer.metadata.dependencies?.total ?? 'all'} packages`],
    };
  }
  return {
    outcome: 'findings',
    lines: found.map(({ name, severity, range, fixAvailable }) => {
      const advice = fixAvailable ? 'npm audit fix' : 'no newer version mends it';
      return `${name} ${range}: ${severity} (${advice})`;
    }),
  };
}
