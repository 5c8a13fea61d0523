import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StatementRecord } from '../../local/redshift/dataapi/statement-record.ts';
import { StatementStore } from '../../local/redshift/dataapi/statement-store.ts';

const statement = (number: number): StatementRecord => ({
  id: `statement-${number}`,
  isBatch: false,
  sqls: ['SELECT 1'],
  parameters: [],
  database: 'dev',
  user: 'admin',
  resultFormat: 'JSON',
  autoCommit: true,
  withEvent: false,
  principal: 'somebody',
  requestHash: String(number),
  createdAtMilliseconds: 0,
  updatedAtMilliseconds: 0,
  status: 'FINISHED',
  parts: [],
});

test('a day of many statements is not written anew at each of them, and all are there after a restart', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-statements-'));
  const journal = path.join(directory, 'statements.jsonl');
  const store = new StatementStore(directory, () => 0);
  // Given more statements of one day than the journal takes before it is written anew
  let writtenAnew = 0;
  let last: number | undefined;
  for (let number = 0; number < 11_000; number += 1) {
    store.put(statement(number));
    // Written anew, it is another file.
    const { ino } = fs.statSync(journal);
    if (last !== undefined && ino !== last) writtenAnew += 1;
    last = ino;
  }
  expect(writtenAnew).toBe(1);
  // When the process has been killed
  const again = new StatementStore(directory, () => 0);
  // Then nothing is missing
  expect(again.list()).toHaveLength(11_000);
  fs.rmSync(directory, { recursive: true });
});
