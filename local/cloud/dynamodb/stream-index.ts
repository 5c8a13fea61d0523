import { DatabaseSync } from 'node:sqlite';

const columns = ['table_name', 'sequence_number'];

/**
 * Gives dynoxide's stream records the index that it lacks: it looks for the last sequence number at every write, and for the next
 * ones at every read, and without an index reads all records of all streams each time. A hundred thousand writes are then a day's
 * work. The index is on the expression that its statements have, letter for letter; should a later version of it keep its records otherwise, nothing
 * is done, and nothing is lost but time.
 */
export function indexStreamRecords(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('pragma busy_timeout = 5000');
    const known = database.prepare(`select name from pragma_table_info('_stream_records')`).all();
    if (!columns.every((column) => known.some(({ name }) => name === column))) return;
    database.exec(`create index if not exists millrace_stream_records
      on _stream_records (table_name, CAST(sequence_number AS INTEGER))`);
  } finally {
    database.close();
  }
}
