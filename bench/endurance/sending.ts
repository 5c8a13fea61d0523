import { setTimeout as wait } from 'node:timers/promises';

const giveUpMilliseconds = 900_000;
const pauseMilliseconds = 100;

/** A call that the service itself refused: sending it again would not help. */
function isRefusal(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

/** Nobody listened, so nothing can have been carried out. Over HTTP/2, as Kinesis speaks, the reason is the cause of the error. */
function neverArrived(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code === 'ECONNREFUSED' || cause?.code === 'ECONNREFUSED';
}

/**
 * Sends until there is an answer, however often the process dies meanwhile. Says how many attempts had none although somebody was
 * there to take them: each of those may have been carried out.
 */
export async function sendSurely<T>(send: () => Promise<T>): Promise<{ answer: T; unanswered: number }> {
  const deadline = Date.now() + giveUpMilliseconds;
  let unanswered = 0;
  for (;;) {
    try {
      return { answer: await send(), unanswered };
    } catch (error) {
      if (isRefusal(error)) throw error;
      if (Date.now() > deadline) throw new Error('nobody has answered for a quarter of an hour', { cause: error });
      if (!neverArrived(error)) unanswered += 1;
      await wait(pauseMilliseconds);
    }
  }
}
