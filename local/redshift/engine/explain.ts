import type { Statement } from '../statements/statement.ts';
import type { FromItem, Identifier, Query, QueryBody, Select } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { PLAN_COLUMNS } from './runners.ts';
import type { Workspace } from './workspace.ts';

interface Step {
  readonly name: string;
  readonly inputs: readonly Step[];
}

const step = (name: string, ...inputs: readonly Step[]): Step => ({ name, inputs });

/**
 * EXPLAIN binds a statement and shows its steps in the order in which they are written. Redshift's own plan has costs and a distribution
 * of rows, which the box does not have: the last line says so.
 */
export async function runExplain(
  workspace: Workspace,
  { statement }: Extract<Statement, { kind: 'explain' }>,
): Promise<StatementResult> {
  const lines = [
    ...render(planOf(workspace, statement)),
    '----- The box knows no costs: these are the steps of the query -----',
  ];
  return { tag: 'EXPLAIN', columns: PLAN_COLUMNS, rows: lines.map((line) => [line]), rowCount: lines.length };
}

function planOf(workspace: Workspace, statement: Statement): Step {
  switch (statement.kind) {
    case 'select':
    case 'createTableAs':
      return boundPlan(workspace, statement.query);
    case 'insert': {
      const relation = workspace.require(statement.table);
      const source = statement.source.kind === 'query' ? [boundPlan(workspace, statement.source.query)] : [];
      return step(`XN Insert into ${relation.name}`, ...source);
    }
    case 'update':
      return changePlan(workspace, statement.table, statement.from);
    case 'delete':
      return changePlan(workspace, statement.table, statement.using);
    default:
      throw new RedshiftError(
        '42601',
        'EXPLAIN takes SELECT, SELECT INTO, CREATE TABLE AS, INSERT, UPDATE and DELETE only',
      );
  }
}

function changePlan(workspace: Workspace, table: readonly Identifier[], others: readonly FromItem[]): Step {
  const scan = step(`XN Seq Scan on ${workspace.require(table).name}`);
  return others.reduce((plan, item) => step('XN Hash Join', plan, step('XN Hash', sourcePlan(item))), scan);
}

function boundPlan(workspace: Workspace, query: Query): Step {
  const body = query.body.kind === 'select' ? { ...query.body, into: undefined } : query.body;
  workspace.bind({ ...query, body });
  return queryPlan({ ...query, body });
}

function queryPlan(query: Query): Step {
  const body = bodyPlan(query.body);
  const sorted = query.orderBy.length > 0 ? step('XN Merge', step('XN Network', step('XN Sort', body))) : body;
  return query.limit ? step('XN Limit', sorted) : sorted;
}

function bodyPlan(body: QueryBody): Step {
  switch (body.kind) {
    case 'select':
      return selectPlan(body);
    case 'setOperation': {
      const append = step('XN Append', bodyPlan(body.left), bodyPlan(body.right));
      if (body.operator !== 'union') return step(`XN SetOp ${body.operator}`, append);
      return body.all ? append : step('XN Unique', append);
    }
    case 'nested':
      return step('XN Subquery Scan', queryPlan(body.query));
    case 'values':
      return step('XN Values Scan');
  }
}

function selectPlan(select: Select): Step {
  const [first, ...others] = select.from.map(sourcePlan);
  const source = first ? others.reduce((plan, other) => step('XN Nested Loop', plan, other), first) : step('XN Result');
  const grouped = select.groupBy ? step('XN HashAggregate', source) : source;
  return select.distinct ? step('XN Unique', grouped) : grouped;
}

function sourcePlan(item: FromItem): Step {
  switch (item.kind) {
    case 'join':
      return step(joinName(item), sourcePlan(item.left), step('XN Hash', sourcePlan(item.right)));
    case 'derived':
      return step(`XN Subquery Scan${item.alias ? ` ${item.alias.name}` : ''}`, queryPlan(item.query));
    case 'named': {
      const { expression } = item;
      const steps = expression.kind === 'reference' ? expression.steps : [];
      const root = expression.kind === 'reference' ? expression.root.name : 'expression';
      const path = steps.flatMap((part) => (part.kind === 'attribute' ? [`.${part.name.name}`] : ['[]'])).join('');
      return step(`XN Seq Scan on ${root}${path}${item.alias ? ` ${item.alias.name}` : ''}`);
    }
    case 'pivot':
    case 'unpivot':
      return step(`XN ${item.kind === 'pivot' ? 'Pivot' : 'Unpivot'}`, sourcePlan(item.source));
    case 'unpivotObject':
      return step('XN Unpivot');
  }
}

const joinName = ({ type }: { readonly type: string }): string =>
  type === 'inner'
    ? 'XN Hash Join'
    : type === 'cross'
      ? 'XN Nested Loop'
      : `XN Hash ${type[0]?.toUpperCase()}${type.slice(1)} Join`;

function render({ name, inputs }: Step, depth = 0): string[] {
  const head = depth === 0 ? name : `${' '.repeat(6 * depth - 4)}->  ${name}`;
  return [head, ...inputs.flatMap((input) => render(input, depth + 1))];
}
