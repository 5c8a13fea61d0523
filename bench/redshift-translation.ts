import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRedshift } from '../local/redshift/engine/open.ts';

const rounds = 200;

/** From a model's text to DuckDB's, in milliseconds: the median of many first translations of a mart of ours. */
export async function translationMilliseconds(): Promise<number> {
  const path = join(import.meta.dirname, '..', 'sql', 'models', 'mart', 'certified_tournaments.sql');
  const model = await readFile(path, 'utf8');
  const redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'admin' } });
  const session = await redshift.session({ database: 'dev', user: 'admin' });
  try {
    await session.execute('create schema latest; create schema "raw"');
    for (const table of ['latest.brackets', 'latest.organizers', '"raw".app_logs'])
      await session.execute(
        `create table ${table} (_id varchar, _op varchar, _key varchar, _position varchar, _at timestamptz, payload super)`,
      );
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = performance.now();
      await session.prepare(`${model}\n-- ${round}`);
      times.push(performance.now() - before);
    }
    return times.sort((a, b) => a - b)[rounds / 2] as number;
  } finally {
    await session.close();
    await redshift.close();
  }
}
