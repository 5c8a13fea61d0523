import type { BindEnvironment } from '../binder/context.ts';
import { bindQuery } from '../binder/query.ts';
import { namesOfRegistries } from '../binder/registry-casts.ts';
import type { OutputColumn } from '../binder/scope.ts';
import type { Query } from '../statements/syntax.ts';
import { dependences, NOTHING } from './flow.ts';
import type { LineageOptions, StatementLineage } from './model.ts';
import { queryLineage } from './query.ts';
import type { Surroundings, Trace } from './scope.ts';

export interface TypedQuery {
  readonly columns: readonly OutputColumn[];
  readonly lineage: StatementLineage;
}

/** The types of a query's columns and where they come from, bound once. */
export function typedQuery(query: Query, environment: BindEnvironment, options: LineageOptions = {}): TypedQuery {
  const bound = namesOfRegistries(bindQuery(query, { environment, commonTables: new Map() }), environment);
  const trace: Trace = { reads: new Map(), through: new Map() };
  const around: Surroundings = { environment, options, trace, commonTables: new Map() };
  const { columns, rows } = queryLineage(query, around);
  return {
    columns: bound.columns,
    lineage: {
      kind: 'select',
      reads: [...trace.reads.values()],
      through: [...trace.through.values()],
      writes: [],
      columns: bound.columns.map(({ name }, i) => ({
        name,
        inputs: dependences((columns[i]?.value ?? NOTHING).flows),
      })),
      rows: dependences(rows),
    },
  };
}
