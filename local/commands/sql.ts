import pg from 'pg';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { requireEnvironment } from '../desk/environments.ts';
import { type RunningInstance, requireRunning } from '../running.ts';
import { readText } from './input.ts';
import { connectOperator } from './operator.ts';
import { type RowFormat, type Rows, renderRows, rowFormats } from './rows.ts';

/** What node-postgres gives for one statement, with cells kept as text. */
interface Answer extends Rows {
  readonly command: string;
  readonly rowCount: number;
}

/** Cells stay the text the server sent: a number never becomes a JavaScript number. */
const asText = { getTypeParser: () => (value: string) => value };

/** Connects as the administrator of the local warehouse, to the stack's database unless another is named. */
export async function connect(instance: RunningInstance, database = instance.redshift.database): Promise<pg.Client> {
  const { port, user, password } = instance.redshift;
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

/** The line of a statement that an error is about, with a mark under the place; empty where the error names none. */
export function placeOf(text: string, error: { position?: unknown }): string {
  const before = text.slice(0, Number(error.position) - 1);
  if (!error.position || before.length >= text.length) return '';
  const column = before.length - (before.lastIndexOf('\n') + 1);
  const line = text.slice(before.length - column).split('\n', 1)[0] ?? '';
  const start = Math.max(0, column - shownCharacters);
  return `\n  ${line.slice(start, column + shownCharacters)}\n  ${' '.repeat(column - start)}^`;
}
const shownCharacters = 60;

function refused(text: string, error: unknown): never {
  if (!(error instanceof pg.DatabaseError)) throw error;
  const hint = error.hint ? `\n  ${error.hint}` : '';
  throw new MillraceError(error.code ?? 'SQL', `${error.message}${placeOf(text, error)}${hint}`, { cause: error });
}

/** The database that is meant; undefined for the stack's own. */
async function databaseOf({ env, stateDirectory }: { readonly env?: string; readonly stateDirectory: string }) {
  if (env === undefined) return undefined;
  return (await requireEnvironment(await connectOperator({ stateDirectory }), env)).name;
}

/** `millrace sql`: what a statement answers, as a table, JSON lines or CSV. */
export async function sql(
  statement: string | undefined,
  options: { readonly format: string; readonly stateDirectory: string; readonly env?: string },
): Promise<void> {
  const format = rowFormats.find((known) => known === options.format) as RowFormat | undefined;
  if (!format) throw new MillraceError('UNKNOWN_FORMAT', `--format ${options.format}: one of ${rowFormats.join(', ')}`);
  const instance = requireRunning(options.stateDirectory);
  const text = await readText(statement ?? '-');
  const client = await connect(instance, await databaseOf(options));
  try {
    for (const answer of await query(client, text).catch((error: unknown) => refused(text, error))) {
      if (answer.columns.length > 0) process.stdout.write(`${renderRows(answer, format)}\n`);
      if (format === 'table') process.stdout.write(`${answer.command} ${answer.rowCount}\n`);
    }
  } finally {
    await client.end();
  }
}
