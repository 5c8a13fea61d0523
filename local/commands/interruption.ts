const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
const showCursor = '\u001b[?25h';

/** How long what serves may take to close in good order. */
const closingMilliseconds = 5_000;

/** What Ctrl-C and SIGTERM do. */
export interface Interruption {
  /** From now on the first one resolves this, and the next, or five seconds, end the process. */
  wait(): Promise<void>;
  /** From now on each ends the process. */
  endAtOnce(): void;
}

/** Ends the process where it stands: what it keeps is whole at any moment, as after kill -9, and what it started ends with it. */
function end(signal: keyof typeof exitCodes): never {
  if (process.stdout.isTTY) process.stdout.write(`${showCursor}\n`);
  process.exit(exitCodes[signal]);
}

/** Takes Ctrl-C and SIGTERM over; each ends the process until somebody waits for it. */
export function onInterruption(): Interruption {
  let react: (signal: keyof typeof exitCodes) => void = end;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => react(signal));
  return {
    wait: () =>
      new Promise((resolve) => {
        react = (signal) => {
          react = end;
          setTimeout(() => end(signal), closingMilliseconds).unref();
          resolve();
        };
      }),
    endAtOnce: () => {
      react = end;
    },
  };
}
