import { type Bound, combine } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { INT4, TEXT, VARBYTE } from '../binder/types.ts';
import { RedshiftError } from '../types.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  literalText,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

const FORMATS = ['hex', 'binary', 'base64', 'utf8', 'utf-8'];

function format(call: FunctionCall): string {
  const name = literalText(call.arguments[1])?.toLowerCase();
  if (name === undefined || !FORMATS.includes(name))
    throw new RedshiftError('22023', `${call.name}: format must be one of hex, binary, base64, utf8, utf-8`);
  return name === 'utf-8' ? 'utf8' : name;
}

function toVarbyte(call: FunctionCall): Bound {
  requireCount(call, 2);
  const value = cast(call.arguments[0] as Bound, TEXT, 'implicit');
  return combine(`unhex(mr_to_varbyte(${value.sql}, '${format(call)}'))`, VARBYTE, [value]);
}

function fromVarbyte(call: FunctionCall): Bound {
  requireCount(call, 2);
  const value = cast(call.arguments[0] as Bound, VARBYTE, 'explicit');
  return combine(`mr_from_varbyte(hex(${value.sql}), '${format(call)}')`, TEXT, [value]);
}

/** Bits count from the least significant one of the last byte. */
const getBit = (emit: (hex: string, bit: string) => string): FunctionEntry =>
  special((call) => {
    requireCount(call, 2);
    const [value, bit] = [
      cast(call.arguments[0] as Bound, VARBYTE, 'explicit'),
      cast(call.arguments[1] as Bound, INT4, 'implicit'),
    ];
    return combine(emit(`hex(${value.sql})`, `CAST(${bit.sql} AS VARCHAR)`), INT4, [value, bit]);
  });

function setBit(call: FunctionCall): Bound {
  requireCount(call, 3);
  const value = call.arguments[0] as Bound;
  if (value.type.kind !== 'varbyte') throw noSuchFunction(call);
  const [bit, on] = call.arguments
    .slice(1)
    .map((argument) => `CAST(${cast(argument, INT4, 'implicit').sql} AS VARCHAR)`);
  return combine(`unhex(mr_set_bit(hex(${value.sql}), ${bit}, ${on}))`, VARBYTE, call.arguments);
}

export const VARBYTES: Readonly<Record<string, FunctionEntry>> = {
  to_varbyte: special(toVarbyte),
  from_varbyte: special(fromVarbyte),
  from_hex: scalar(signature(['text'], VARBYTE, (x) => `unhex(mr_to_varbyte(${x}, 'hex'))`)),
  getbit: getBit((hex, bit) => `CAST(mr_get_bit(${hex}, ${bit}) AS INTEGER)`),
  get_bit: getBit((hex, bit) => `CAST(mr_get_bit(${hex}, ${bit}) AS INTEGER)`),
  setbit: special(setBit),
  set_bit: special(setBit),
};
