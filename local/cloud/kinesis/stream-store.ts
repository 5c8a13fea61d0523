import { Journal } from '../storage/journal.ts';

export interface StreamDescription {
  readonly name: string;
  /** Of the stream that this one stands in for; absent for streams of this account. */
  readonly arn?: string;
  readonly shardCount: number;
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly retentionHours: number;
  readonly maximumRecordBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface NewRecord {
  readonly shard: number;
  readonly partitionKey: string;
  readonly data: Buffer;
}

export interface StoredRecord {
  readonly position: number;
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly arrivedAt: number;
}

interface RecordRow {
  position: number;
  partition_key: string;
  data: Uint8Array;
  arrived_at: number;
}

const schema = `
create table if not exists streams (name text primary key, description text not null);
create table if not exists records (
  position integer primary key autoincrement, stream text not null, shard integer not null,
  partition_key text not null, data blob not null, arrived_at integer not null);
create index if not exists records_by_shard on records (stream, shard, position);`;

/** Streams and their records, on disk. */
export class StreamStore {
  readonly #journal: Journal;

  constructor(directory: string | undefined) {
    this.#journal = new Journal(directory, 'kinesis', schema);
  }

  /** Creates the stream, or brings the settings of an existing one up to date: its age and its shards stay. */
  declare(description: StreamDescription): StreamDescription {
    const existing = this.describe(description.name);
    const { createdAt, shardCount } = existing ?? description;
    const kept = { ...description, createdAt, shardCount };
    this.#journal.run('insert or replace into streams values (?, ?)', kept.name, JSON.stringify(kept));
    return kept;
  }

  describe(name: string): StreamDescription | undefined {
    const row = this.#journal.one<{ description: string }>('select description from streams where name = ?', name);
    return row && (JSON.parse(row.description) as StreamDescription);
  }

  names(): string[] {
    return this.#journal.all<{ name: string }>('select name from streams order by name').map(({ name }) => name);
  }

  /** Appends all records at once; gives their positions. */
  append(stream: string, records: readonly NewRecord[], now: number): number[] {
    const sql =
      'insert into records (stream, shard, partition_key, data, arrived_at) values (?, ?, ?, ?, ?) returning position';
    return this.#journal.atomically(() =>
      records.map((record) => {
        const row = this.#journal.one<{ position: number }>(
          sql,
          stream,
          record.shard,
          record.partitionKey,
          record.data,
          now,
        );
        return row?.position ?? 0;
      }),
    );
  }

  /** Records after a position, until `limit` or about `maximumBytes`; at least one where there is one. */
  read(stream: string, shard: number, after: number, limit: number, maximumBytes: number): StoredRecord[] {
    const records: StoredRecord[] = [];
    let sizeBytes = 0;
    while (records.length < limit) {
      const rows = this.#page(stream, shard, records.at(-1)?.position ?? after, Math.min(500, limit - records.length));
      for (const row of rows) {
        sizeBytes += row.data.length;
        if (records.length > 0 && sizeBytes > maximumBytes) return records;
        records.push(row);
      }
      if (rows.length === 0) break;
    }
    return records;
  }

  #page(stream: string, shard: number, after: number, limit: number): StoredRecord[] {
    const sql = 'select * from records where stream = ? and shard = ? and position > ? order by position limit ?';
    return this.#journal.all<RecordRow>(sql, stream, shard, after, limit).map((row) => ({
      position: row.position,
      partitionKey: row.partition_key,
      data: Buffer.from(row.data),
      arrivedAt: row.arrived_at,
    }));
  }

  /** The last position of a shard; 0 where it is empty. */
  lastPosition(stream: string, shard: number): number {
    const sql = 'select max(position) as position from records where stream = ? and shard = ?';
    return this.#journal.one<{ position: number | null }>(sql, stream, shard)?.position ?? 0;
  }

  /** The position before the first record that arrived at or after an instant. */
  positionBefore(stream: string, shard: number, instant: number): number {
    const sql = 'select min(position) as position from records where stream = ? and shard = ? and arrived_at >= ?';
    const first = this.#journal.one<{ position: number | null }>(sql, stream, shard, instant)?.position;
    return first ? first - 1 : this.lastPosition(stream, shard);
  }

  /** Drops what is old; reads no further than to the first record of each shard that is not, because a stream may be long. */
  trim(stream: string, arrivedBefore: number): void {
    for (let shard = 0; shard < (this.describe(stream)?.shardCount ?? 0); shard += 1) {
      const before = this.positionBefore(stream, shard, arrivedBefore);
      const sql = 'delete from records where stream = ? and shard = ? and position <= ?';
      this.#journal.run(sql, stream, shard, before);
    }
  }

  close(): void {
    this.#journal.close();
  }
}
