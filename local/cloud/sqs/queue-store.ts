import { randomUUID } from 'node:crypto';
import { Journal } from '../storage/journal.ts';
import { type MessageAttributes, md5 } from './message-attributes.ts';

/** Settings of a queue that change what it does. Durations are seconds. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly delaySeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface StoredMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Of the delayed ones, those that were sent with a delay longer than `appointmentMilliseconds`. */
  readonly appointments: number;
}

/**
 * A message sent so far ahead is an appointment, as a schedule is: it is no work under way until it is due. No shorter than
 * anybody waits for the cloud to be idle.
 */
export const appointmentMilliseconds = 600_000;

interface MessageRow {
  id: number;
  message_id: string;
  body: string;
  attributes: string;
  sent_at: number;
  first_received_at: number | null;
  receive_count: number;
}

const schema = `
create table if not exists messages (
  id integer primary key autoincrement, queue text not null, message_id text not null, body text not null,
  attributes text not null, sent_at integer not null, visible_at integer not null,
  first_received_at integer, receive_count integer not null default 0, receipt text);
create index if not exists messages_by_visibility on messages (queue, visible_at, id);`;

/** The messages of all queues, on disk. Times are milliseconds since the epoch and are handed in. */
export class QueueStore {
  readonly #journal: Journal;

  constructor(directory: string | undefined) {
    this.#journal = new Journal(directory, 'sqs', schema);
  }

  send(
    queue: string,
    message: { body: string; attributes: MessageAttributes; delayMilliseconds: number },
    now: number,
  ): string {
    const messageId = randomUUID();
    this.#journal.run(
      'insert into messages (queue, message_id, body, attributes, sent_at, visible_at) values (?, ?, ?, ?, ?, ?)',
      queue,
      messageId,
      message.body,
      JSON.stringify(message.attributes),
      now,
      now + message.delayMilliseconds,
    );
    return messageId;
  }

  /** Takes up to `limit` visible messages out of sight for `visibilityMilliseconds`. */
  receive(queue: string, limit: number, visibilityMilliseconds: number, now: number): StoredMessage[] {
    const rows = this.#journal.all<MessageRow>(
      'select * from messages where queue = ? and visible_at <= ? order by id limit ?',
      queue,
      now,
      limit,
    );
    return rows.map((row) => this.#take(row, now + visibilityMilliseconds, now));
  }

  #take(row: MessageRow, visibleAt: number, now: number): StoredMessage {
    const receipt = randomUUID();
    const firstReceivedAt = row.first_received_at ?? now;
    this.#journal.run(
      'update messages set visible_at = ?, first_received_at = ?, receive_count = receive_count + 1, receipt = ? where id = ?',
      visibleAt,
      firstReceivedAt,
      receipt,
      row.id,
    );
    return {
      messageId: row.message_id,
      receiptHandle: Buffer.from(`${row.id} ${receipt}`).toString('base64'),
      body: row.body,
      md5: md5(row.body),
      attributes: JSON.parse(row.attributes) as MessageAttributes,
      sentAt: row.sent_at,
      firstReceivedAt,
      receiveCount: row.receive_count + 1,
    };
  }

  /** A handle of an earlier receive deletes nothing, as on AWS, where the call succeeds all the same. */
  delete(queue: string, receiptHandle: string): void {
    const { id, receipt } = readHandle(receiptHandle);
    this.#journal.run('delete from messages where id = ? and receipt = ? and queue = ?', id, receipt, queue);
  }

  /** False where the handle is none of a message in flight. */
  changeVisibility(queue: string, receiptHandle: string, visibleAt: number, now: number): boolean {
    const { id, receipt } = readHandle(receiptHandle);
    const sql = 'update messages set visible_at = ? where id = ? and receipt = ? and queue = ? and visible_at > ?';
    return this.#journal.run(sql, visibleAt, id, receipt, queue, now) > 0;
  }

  /** Brings what is in flight in sight again: who had received it is gone. The receives count all the same. */
  giveBack(queue: string, now: number): number {
    const sql = `update messages set visible_at = ?1, receipt = null where queue = ?2 and visible_at > ?1 and receive_count > 0`;
    return this.#journal.run(sql, now, queue);
  }

  /** Moves what was received as often as it may be to the dead-letter queue; says how many. */
  redrive(queue: string, maxReceiveCount: number, deadLetterQueue: string, now: number): number {
    const sql = `update messages set queue = ?, receive_count = 0, receipt = null, first_received_at = null
      where queue = ? and visible_at <= ? and receive_count >= ?`;
    return this.#journal.run(sql, deadLetterQueue, queue, now, maxReceiveCount);
  }

  expire(queue: string, sentBefore: number): number {
    return this.#journal.run('delete from messages where queue = ? and sent_at < ?', queue, sentBefore);
  }

  purge(queue: string): void {
    this.#journal.run('delete from messages where queue = ?', queue);
  }

  counts(queue: string, now: number): QueueCounts {
    const sql = `select count(*) filter (where visible_at <= ?1) as visible,
      count(*) filter (where visible_at > ?1 and receive_count > 0) as inFlight,
      count(*) filter (where visible_at > ?1 and receive_count = 0) as delayed,
      count(*) filter (where visible_at > ?1 and receive_count = 0 and visible_at - sent_at > ?3) as appointments
      from messages where queue = ?2`;
    const none = { visible: 0, inFlight: 0, delayed: 0, appointments: 0 };
    return this.#journal.one<QueueCounts>(sql, now, queue, appointmentMilliseconds) ?? none;
  }

  /** When the next message comes in sight; undefined where there is none. */
  nextVisibleAt(queue: string): number | undefined {
    const sql = 'select min(visible_at) as at from messages where queue = ?';
    return this.#journal.one<{ at: number | null }>(sql, queue)?.at ?? undefined;
  }

  close(): void {
    this.#journal.close();
  }
}

function readHandle(receiptHandle: string): { id: number; receipt: string } {
  const [id, receipt] = Buffer.from(receiptHandle, 'base64').toString('utf8').split(' ');
  return { id: Number(id) || -1, receipt: receipt ?? '' };
}
