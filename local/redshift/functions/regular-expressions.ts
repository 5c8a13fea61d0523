import { type Bound, combine } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { INT4, TEXT } from '../binder/types.ts';
import { type FunctionCall, type FunctionEntry, literalText, requireCount, special } from './define.ts';

const text = (call: FunctionCall, index: number, otherwise: string): string =>
  call.arguments[index] ? cast(call.arguments[index], TEXT, 'implicit').sql : `'${otherwise}'`;
const number = (call: FunctionCall, index: number, otherwise: string): string =>
  call.arguments[index] ? `CAST(${cast(call.arguments[index], INT4, 'implicit').sql} AS VARCHAR)` : `'${otherwise}'`;

function count(call: FunctionCall): Bound {
  requireCount(call, 2, 4);
  const sql = `mr_regexp_count(${text(call, 0, '')}, ${text(call, 1, '')}, ${number(call, 2, '1')}, ${text(call, 3, 'c')})`;
  return combine(`CAST(${sql} AS INTEGER)`, INT4, call.arguments);
}

function substr(call: FunctionCall): Bound {
  requireCount(call, 2, 5);
  const sql = `mr_regexp_substr(${text(call, 0, '')}, ${text(call, 1, '')}, ${number(call, 2, '1')}, ${number(call, 3, '1')}, ${text(call, 4, 'c')})`;
  return combine(sql, TEXT, call.arguments);
}

function instr(call: FunctionCall): Bound {
  requireCount(call, 2, 6);
  const sql = `mr_regexp_instr(${text(call, 0, '')}, ${text(call, 1, '')}, ${number(call, 2, '1')}, ${number(call, 3, '1')}, ${number(call, 4, '0')}, ${text(call, 5, 'c')})`;
  return combine(`CAST(${sql} AS INTEGER)`, INT4, call.arguments);
}

/** Plain patterns run natively; what RE2 cannot read runs in JavaScript. */
function replace(call: FunctionCall): Bound {
  requireCount(call, 2, 5);
  const pattern = literalText(call.arguments[1]);
  const replacement = call.arguments[2] ? literalText(call.arguments[2]) : '';
  const isPlain =
    call.arguments.length <= 3 &&
    pattern !== undefined &&
    /^[\w\s.,;:@#%&=<>~`'"/-]*$|^\[[^\]\\[]+\][+*]?$/.test(pattern) &&
    replacement !== undefined &&
    !/[\\$]/.test(replacement);
  if (isPlain)
    return combine(
      `regexp_replace(${text(call, 0, '')}, ${text(call, 1, '')}, ${text(call, 2, '')}, 'gs')`,
      TEXT,
      call.arguments,
    );
  const sql = `mr_regexp_replace(${text(call, 0, '')}, ${text(call, 1, '')}, ${text(call, 2, '')}, ${number(call, 3, '1')}, ${text(call, 4, 'c')})`;
  return combine(sql, TEXT, call.arguments);
}

export const REGULAR_EXPRESSIONS: Readonly<Record<string, FunctionEntry>> = {
  regexp_count: special(count),
  regexp_substr: special(substr),
  regexp_instr: special(instr),
  regexp_replace: special(replace),
};
