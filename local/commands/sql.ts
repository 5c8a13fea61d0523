import pg from 'pg';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type RunningInstance, requireRunning } from '../running.ts';
import { readText } from './input.ts';
import { type RowFormat, type Rows, renderRows, rowFormats } from './rows.ts';

/** What node-postgres gives for one statement, with cells kept as text. */
interface Answer extends Rows {
  readonly command: string;
  readonly rowCount: number;
}

/** Cells stay the text the server sent: a number never becomes a JavaScript number. */
const asText = { getTypeParser: () => (value: string) => value };

/** Connects as the administrator of the local warehouse. */
export async function connect(instance: RunningInstance): Promise<pg.Client> {
  const { port, database, user, password } = instance.redshift;
  const client = new pg.Client({ host: '127.0.0.1', port, database, user, password, types: asText as never });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs a text of one or more statements; one answer a statement. */
export async function query(client: pg.Client, text: string): Promise<Answer[]> {
  const answer = (await client.query({ text, rowMode: 'array' })) as unknown;
  const all = (Array.isArray(answer) ? answer : [answer]) as pg.QueryArrayResult<(string | null)[]>[];
  return all.map((one) => ({
    columns: one.fields.map((field) => field.name),
    rows: one.rows,
    command: one.command ?? '',
    rowCount: one.rowCount ?? 0,
  }));
}

/** `millrace sql`: what a statement answers, as a table, JSON lines or CSV. */
export async function sql(
  statement: string | undefined,
  options: { format: string; stateDirectory: string },
): Promise<void> {
  const format = rowFormats.find((known) => known === options.format) as RowFormat | undefined;
  if (!format) throw new MillraceError('UNKNOWN_FORMAT', `--format ${options.format}: one of ${rowFormats.join(', ')}`);
  const client = await connect(requireRunning(options.stateDirectory));
  try {
    for (const answer of await query(client, await readText(statement ?? '-'))) {
      if (answer.columns.length > 0) process.stdout.write(`${renderRows(answer, format)}\n`);
      if (format === 'table') process.stdout.write(`${answer.command} ${answer.rowCount}\n`);
    }
  } finally {
    await client.end();
  }
}
