import { QueryAnalyst } from '../local/redshift/analyst.ts';
import type { Dependence } from '../local/redshift/lineage/model.ts';
import { RedshiftError } from '../local/redshift/types.ts';
import type { Analyst, ColumnSource, Influence, InvalidQuery } from './pipeline/models/analysis.ts';
import { sessionSettings } from './pipeline/statements/session.ts';

/** The box's binder as the compiler's analyst, with the settings that our sessions have. */
export function boxAnalyst(): Analyst {
  const analyst = new QueryAnalyst({ settings: sessionSettings });
  return {
    know: (relation) => analyst.know(relation),
    knowFunction: (statement) =>
      unlessInvalid(() => {
        analyst.knowFunction(statement);
        return { kind: 'known' };
      }),
    analyse: (query) =>
      unlessInvalid(() => {
        const { columns, lineage } = analyst.analyse(query);
        const sources = lineage.columns.map(({ name, inputs }) => ({ name, sources: sourcesOf(inputs) }));
        return {
          kind: 'analysed',
          columns: columns.map(({ name, type }) => ({ name, type })),
          lineage: { columns: sources, rows: sourcesOf(lineage.rows) },
        };
      }),
  };
}

function unlessInvalid<T>(ask: () => T): T | InvalidQuery {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
    const { message, detail, hint, position = 1 } = error;
    return { kind: 'invalid', message: [message, detail, hint].filter(Boolean).join('; '), offset: position - 1 };
  }
}

/** One entry a path; what is taken of it (its value, its attributes' names) does not matter here. */
function sourcesOf(inputs: readonly Dependence[]): ColumnSource[] {
  const sources = new Map<string, ColumnSource>();
  for (const { source, transformations } of inputs) {
    const table = `${source.schema}.${source.relation}`;
    const key = `${table}.${source.path}`;
    const known = sources.get(key)?.influences ?? [];
    const added = transformations.filter((one) => !known.some((other) => isSame(one, other)));
    const influences = [...known, ...added.map(({ type, subtype, masking }) => ({ type, subtype, masking }))];
    sources.set(key, { table, column: source.column, path: source.path, influences });
  }
  return [...sources.values()];
}

const isSame = (one: Influence, other: Influence): boolean =>
  one.subtype === other.subtype && one.masking === other.masking;
