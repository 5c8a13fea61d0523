import { parseQueryText } from '../statements/parse.ts';
import { RedshiftError } from '../types.ts';
import { converted, evaluate, isTrue, type Rows, runSql, select } from './execution.ts';
import { assignRow, type Call, type Jump, runSteps, setFound } from './interpreter.ts';
import type { Loop } from './syntax.ts';

/** Runs a loop's body; `ends` where the loop is over, with what goes on to the statements around it. */
async function turn(call: Call, loop: Loop): Promise<{ ends: boolean; jump?: Jump }> {
  const jump = await runSteps(call, loop.body);
  if (!jump) return { ends: false };
  const isOurs = jump.kind !== 'return' && (jump.label === undefined || jump.label === loop.label);
  if (!isOurs) return { ends: true, jump };
  return { ends: jump.kind === 'exit' };
}

export async function runLoop(call: Call, loop: Loop): Promise<Jump | undefined> {
  switch (loop.over.kind) {
    case 'range':
      return runRange(call, loop, loop.over);
    case 'rows':
      return runRows(call, loop, loop.over);
    default: {
      const condition = loop.over.kind === 'while' ? loop.over.condition : undefined;
      while (!condition || (await isTrue(call, call.variables, condition))) {
        const { ends, jump } = await turn(call, loop);
        if (ends) return jump;
      }
      return undefined;
    }
  }
}

/** The counter is a variable of the loop's own. */
async function runRange(
  call: Call,
  loop: Loop,
  { variable, reverse, low, high }: Loop['over'] & { kind: 'range' },
): Promise<Jump | undefined> {
  const bound = async (fragment: typeof low): Promise<number> => {
    const { text } = await converted(call, await evaluate(call, call.variables, fragment), { kind: 'int4' });
    if (text === null) throw new RedshiftError('22004', 'a bound of a FOR loop cannot be NULL');
    return Number(text);
  };
  const [from, to] = [await bound(low), await bound(high)];
  let turns = 0;
  call.variables.enter(loop.label);
  try {
    for (let i = from; reverse ? i >= to : i <= to; i += reverse ? -1 : 1) {
      const value = { type: { kind: 'int4' } as const, text: String(i) };
      call.variables.declare({ kind: 'scalar', name: variable, value, isConstant: false, isNotNull: false });
      turns += 1;
      const { ends, jump } = await turn(call, loop);
      if (ends) return jump;
    }
    return undefined;
  } finally {
    call.variables.leave();
    setFound(call, turns > 0);
  }
}

async function runRows(call: Call, loop: Loop, over: Loop['over'] & { kind: 'rows' }): Promise<Jump | undefined> {
  const { columns, rows } = await rowsOf(call, over);
  try {
    for (const row of rows) {
      await assignRow(call, over.into, { columns, rows: [row] });
      const { ends, jump } = await turn(call, loop);
      if (ends) return jump;
    }
    return undefined;
  } finally {
    setFound(call, rows.length > 0);
  }
}

/** The rows of a query, written out or put together. */
export async function rowsOf(
  call: Call,
  { query, command }: Pick<Loop['over'] & { kind: 'rows' }, 'query' | 'command'>,
): Promise<Rows> {
  if (query) return select(call, call.variables.substitute(parseQueryText(query.text)));
  const { text } = await evaluate(call, call.variables, command as NonNullable<typeof command>);
  if (text === null) throw new RedshiftError('22004', 'cannot EXECUTE a null querystring');
  const { result } = await runSql(call, undefined, text);
  return { columns: result.columns ?? [], rows: result.rows ?? [] };
}
