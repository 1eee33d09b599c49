import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The start of a process, in clock ticks since the machine started; undefined if the system does not provide it. */
export function processBegun(pid: number): string | undefined {
  // The second field is the name in parentheses and may contain anything; the time is field 22.
  const text = systemText(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * Identifies where process numbers have the same meaning: the boot of the machine and its PID namespace. Containers
 * may share a host name, but each counts its own processes from 1. Empty if the system does not provide this.
 */
export function processScope(): string {
  const boot = systemText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '';
  const namespace = systemText(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  return boot === '' && namespace === '' ? '' : `${boot} ${namespace}`;
}

/** {@link processScope} and the host name as eight hexadecimal digits, for file names. */
export function shortScope(): string {
  return createHash('sha256').update(`${hostname()} ${processScope()}`).digest('hex').slice(0, 8);
}

/** Whether a process of this scope is running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Reads from Linux's /proc; undefined on other systems, or if reading is not permitted. */
function systemText(read: () => string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}
