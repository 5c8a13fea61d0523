import type { ProcedureMessage } from '../catalog/views/relation.ts';

const keptAtMost = 10_000;

/** The messages that procedures have raised, the latest of them: those of calls that failed too. */
export class ProcedureMessages {
  private messages: ProcedureMessage[] = [];

  get all(): readonly ProcedureMessage[] {
    return this.messages;
  }

  /** Each message has a time of its own, so that they can be put in order by it. */
  note(message: Omit<ProcedureMessage, 'recordedAtMicroseconds' | 'isAborted'>): void {
    const last = this.messages.at(-1)?.recordedAtMicroseconds ?? 0;
    const recordedAtMicroseconds = Math.max(Date.now() * 1000, last + 1);
    this.messages.push({ ...message, recordedAtMicroseconds, isAborted: false });
    if (this.messages.length > keptAtMost) this.messages.shift();
  }

  /** The call that raised them has failed. */
  markAborted(queryId: number): void {
    this.messages = this.messages.map((one) => (one.queryId === queryId ? { ...one, isAborted: true } : one));
  }
}
