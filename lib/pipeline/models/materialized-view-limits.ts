import type { CompiledModel } from './model.ts';

/** What Redshift takes in no materialized view, where a model has it; each with what to do instead. */
export function materializedViewLimits(
  { sql, reads }: Pick<CompiledModel, 'sql' | 'reads'>,
  models: readonly Pick<CompiledModel, 'name' | 'materialization'>[],
): string[] {
  const kindOf = new Map(models.map(({ name, materialization }) => [name, materialization]));
  const late = reads.filter(({ name }) => ['view', 'materialized view'].includes(kindOf.get(name) ?? ''));
  const views = [...new Set(late.map(({ name }) => name))].map(
    (name) =>
      `a materialized view cannot read ${name}: readers see that through a late-binding view, which Redshift takes in none; make ${name} a table, or this model`,
  );
  const top = topLevel(sql);
  const clause = /\b(order\s+by|limit|offset)\b/i.exec(top)?.[1]?.replace(/\s+/, ' ').toUpperCase();
  return [
    ...views,
    ...(clause ? [`Redshift takes no ${clause} in a materialized view; leave it to who reads it`] : []),
    ...(/\bfunctions\s*\./i.test(withoutTexts(sql))
      ? ['Redshift takes no SQL function in a materialized view; write its expression, or make the model a table']
      : []),
  ];
}

/** Without what is in quotes or comments. */
const withoutTexts = (sql: string): string =>
  sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ');

/** What is in no parentheses: the clauses of the query itself. */
function topLevel(sql: string): string {
  let text = withoutTexts(sql);
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\([^()]*\)/g, ' ');
  }
  return text;
}
