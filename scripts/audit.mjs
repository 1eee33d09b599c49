#!/usr/bin/env node
/**
 * Asks the registry for known vulnerabilities in everything that package-lock.json names. Fails if there are
 * any. If the registry does not answer such questions (many mirrors do not), says so and does not fail.
 */
import { spawnSync } from 'node:child_process';
import { verdict } from './audit-verdict.mjs';
import { root } from './run.mjs';

const { stdout, error } = spawnSync('npm', ['audit', '--json'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
  shell: process.platform === 'win32',
});
if (error !== undefined) throw error;
const { outcome, lines } = verdict(stdout);
for (const line of lines) console.log(line);
if (outcome === 'findings') process.exitCode = 1;
