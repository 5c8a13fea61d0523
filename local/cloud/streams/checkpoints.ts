import { Journal } from '../storage/journal.ts';

const schema = `create table if not exists checkpoints (
  stream text not null, shard text not null, sequence text, finished integer not null default 0, primary key (stream, shard));`;

/** How far a mapping has come in each shard, on disk. */
export class Checkpoints {
  readonly #journal: Journal;
  readonly #stream: string;

  constructor(directory: string | undefined, mapping: string, streamArn: string) {
    this.#journal = new Journal(directory, mapping, schema);
    this.#stream = streamArn;
  }

  /** The last record that needs no further delivery. */
  sequenceOf(shard: string): string | undefined {
    const sql = 'select sequence from checkpoints where stream = ? and shard = ?';
    return this.#journal.one<{ sequence: string | null }>(sql, this.#stream, shard)?.sequence ?? undefined;
  }

  advance(shard: string, sequence: string): void {
    const sql = `insert into checkpoints (stream, shard, sequence) values (?, ?, ?)
      on conflict (stream, shard) do update set sequence = excluded.sequence`;
    this.#journal.run(sql, this.#stream, shard, sequence);
  }

  /** A closed shard that is read to its end: its children may begin. */
  finish(shard: string): void {
    const sql = `insert into checkpoints (stream, shard, finished) values (?, ?, 1)
      on conflict (stream, shard) do update set finished = 1`;
    this.#journal.run(sql, this.#stream, shard);
  }

  isFinished(shard: string): boolean {
    const sql = 'select finished from checkpoints where stream = ? and shard = ?';
    return this.#journal.one<{ finished: number }>(sql, this.#stream, shard)?.finished === 1;
  }

  close(): void {
    this.#journal.close();
  }
}
