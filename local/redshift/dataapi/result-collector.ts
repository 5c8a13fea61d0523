import { RedshiftError, type ResultColumn, type RowReceiver, type StatementResult } from '../types.ts';
import { sizeOfRows } from './fields.ts';
import type { StoredResult } from './result-store.ts';

/** Results over 500 MB are refused by the service. */
const maximumResultBytes = 500 * 1024 * 1024;

/** Takes a result's rows as they come, and ends the statement where they are more than the service keeps. */
export class ResultCollector implements RowReceiver {
  #columns: readonly ResultColumn[] | undefined;
  readonly #rows: (readonly (string | null)[])[] = [];
  sizeBytes = 0;

  columns(columns: readonly ResultColumn[]): void {
    this.#columns = columns;
  }

  async rows(rows: StoredResult['rows']): Promise<void> {
    this.sizeBytes += sizeOfRows(rows);
    if (this.sizeBytes > maximumResultBytes) {
      throw new RedshiftError('54000', 'Query result size exceeds the maximum of 500 MB');
    }
    for (const row of rows) this.#rows.push(row);
  }

  /** What came: streamed, or (SHOW, EXPLAIN) with the statement's own result; undefined for what answers no rows. */
  async finish(result: StatementResult | undefined): Promise<StoredResult | undefined> {
    if (result?.columns) {
      this.columns(result.columns);
      await this.rows(result.rows ?? []);
    }
    return this.#columns && { columns: this.#columns, rows: this.#rows };
  }
}
