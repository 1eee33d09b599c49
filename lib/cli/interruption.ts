import { constants } from 'node:os';

/** Signals that ask a program to stop: Ctrl-C, `kill`, and a terminal or connection that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Signal = (typeof SIGNALS)[number];

/** The exit status after a signal, by the convention of shells: 130 for Ctrl-C. */
function exitStatusOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/**
 * Runs an action that a signal may interrupt: the first signal aborts the action, so that it can clean up;
 * the second ends the program at once.
 *
 * @param onFirst - called with the first signal
 * @param action - gets a signal that is aborted then, and a function that returns the exit status after a signal
 */
export async function interruptible<T>(
  onFirst: () => void,
  action: (signal: AbortSignal, interruption: () => number | undefined) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let status: number | undefined;
  const listener = (name: NodeJS.Signals) => {
    if (status !== undefined) process.exit(status);
    status = exitStatusOf(name as Signal);
    onFirst();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, listener);
  try {
    return await action(controller.signal, () => status);
  } finally {
    for (const name of SIGNALS) process.off(name, listener);
  }
}
