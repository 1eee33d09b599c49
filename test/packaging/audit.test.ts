import { describe, expect, it } from 'vitest';
import { verdict } from '../../scripts/audit-verdict.mjs';

const answer = (total: number, vulnerabilities: object) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities,
    metadata: { vulnerabilities: { total }, dependencies: { total: 400 } },
  });

describe('what npm audit answers', () => {
  it('is a failure only where something is found', () => {
    expect(verdict(answer(0, {}))).toEqual({
      outcome: 'clean',
      lines: ['no known vulnerability in 400 packages'],
    });
    const found = { one: { name: 'one', severity: 'low', range: '<1.2', fixAvailable: true } };
    expect(verdict(answer(1, found))).toEqual({
      outcome: 'findings',
      lines: ['one <1.2: low (npm audit fix)'],
    });
  });

  it('is not taken for a clean one where the registry could not be asked', () => {
    const refused = JSON.stringify({ message: 'POST https://…', statusCode: 405, body: '' });
    const offline = JSON.stringify({ error: { code: 'ENOTFOUND', summary: 'no network' } });
    for (const [text, reason] of [
      [refused, '405'],
      [offline, 'ENOTFOUND'],
    ] as const) {
      const { outcome, lines } = verdict(text);
      expect(outcome).toBe('not asked');
      expect(lines.join()).toContain(`NOT CHECKED`);
      expect(lines.join()).toContain(reason);
    }
    expect(() => verdict('{}')).toThrow('neither');
  });
});
