import type { MessageQueue } from '../../lambdas/aws/queue.ts';
import type { LandingPorts } from '../../lambdas/ingest/land.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { noon } from './pipeline.ts';

/** A queue in memory that nobody reads but the test. */
export class MemoryQueue implements MessageQueue {
  readonly sent: { readonly body: string; readonly delaySeconds: number }[] = [];
  #failures = 0;

  failNext(): void {
    this.#failures += 1;
  }

  async send(body: string, delaySeconds: number): Promise<void> {
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw new MillraceError('AWS_CALL_FAILED', 'throttled', { retryable: true });
    }
    this.sent.push({ body, delaySeconds });
  }
}

/** What landing needs beside a lake. */
export function landingPorts(queue: MessageQueue = new MemoryQueue()): Omit<LandingPorts, 'lake'> {
  return { lakeBucket: 'lake', queue, nowMilliseconds: () => noon };
}
