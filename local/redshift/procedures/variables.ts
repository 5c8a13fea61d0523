import type { Fragment } from '../statements/fragments.ts';
import type { Expression, Step as PathStep } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import type { Target } from './syntax.ts';

export interface Value {
  readonly type: RedshiftType;
  /** In the text form that clients get. */
  readonly text: string | null;
}

export type Variable =
  | {
      readonly kind: 'scalar';
      readonly name: string;
      value: Value;
      readonly isConstant: boolean;
      readonly isNotNull: boolean;
    }
  | { readonly kind: 'record'; readonly name: string; fields?: Map<string, Value> }
  | {
      readonly kind: 'cursor';
      readonly name: string;
      /** What the cursor is called outside; null until it is opened. */
      portal: string | null;
      readonly query?: Fragment;
      readonly parameters: readonly { readonly name: string; readonly type: RedshiftType }[];
    };

interface Frame {
  readonly label?: string;
  readonly variables: Map<string, Variable>;
}

/** The variables of one call, block within block; inner names hide outer ones. */
export class Variables {
  private readonly frames: Frame[] = [{ variables: new Map() }];

  enter(label?: string): void {
    this.frames.push({ label, variables: new Map() });
  }

  leave(): void {
    this.frames.pop();
  }

  declare(variable: Variable, name: string = variable.name): void {
    this.frames.at(-1)?.variables.set(name, variable);
  }

  find(name: string): Variable | undefined {
    for (let i = this.frames.length - 1; i >= 0; i -= 1) {
      const found = this.frames[i]?.variables.get(name);
      if (found) return found;
    }
    return undefined;
  }

  private ofBlock(label: string, name: string): Variable | undefined {
    return this.frames.findLast((frame) => frame.label === label)?.variables.get(name);
  }

  /** The variable that a path begins with, and how many of its names that takes. */
  resolve(path: readonly string[]): { variable: Variable; length: number } | undefined {
    const [first = '', second] = path;
    const direct = this.find(first);
    if (direct) return { variable: direct, length: 1 };
    const labelled = second === undefined ? undefined : this.ofBlock(first, second);
    return labelled && { variable: labelled, length: 2 };
  }

  require(target: Target): Variable {
    const found = this.resolve(target);
    if (found) return found.variable;
    throw new RedshiftError('42601', `"${target.join('.')}" is not a known variable`);
  }

  cursor(name: string): Variable & { kind: 'cursor' } {
    const found = this.find(name);
    if (found?.kind === 'cursor') return found;
    throw new RedshiftError('42601', `"${name}" is not a known cursor variable`);
  }

  /** A tree with the values of variables where their names stand. Names of tables, columns and aliases are no references. */
  substitute<Tree>(tree: Tree): Tree {
    return this.replaced(tree) as Tree;
  }

  private replaced(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.replaced(item));
    if (node === null || typeof node !== 'object') return node;
    const { kind } = node as { kind?: string };
    if (kind === 'reference' || kind === 'parameter') {
      const value = this.valueFor(node as Expression);
      if (value) return value;
    }
    const isSource = kind === 'named';
    const entries = Object.entries(node).map(([key, child]) => [
      key,
      isSource && key === 'expression' ? child : this.replaced(child),
    ]);
    return Object.fromEntries(entries);
  }

  private valueFor(node: Expression): Expression | undefined {
    if (node.kind === 'parameter') {
      const variable = this.find(`$${node.index}`);
      return variable && literal(this.valueOf(variable, []), node.position);
    }
    if (node.kind !== 'reference') return undefined;
    const names = leadingNames(node.root.quoted ? node.root.name : node.root.name.toLowerCase(), node.steps);
    const found = this.resolve(names);
    if (!found) return undefined;
    const field = found.variable.kind === 'record' ? names[found.length] : undefined;
    const used = found.length - 1 + (field === undefined ? 0 : 1);
    const base = literal(this.valueOf(found.variable, field === undefined ? [] : [field]), node.position);
    const rest = node.steps.slice(used);
    return rest.length === 0 ? base : { kind: 'navigate', base, steps: rest, position: node.position };
  }

  /** What a variable, or a field of a record, is worth. */
  valueOf(variable: Variable, path: readonly string[]): Value {
    if (variable.kind === 'scalar') return variable.value;
    if (variable.kind === 'cursor') return { type: { kind: 'varchar' }, text: variable.portal };
    const { fields, name } = variable;
    if (!fields) throw new RedshiftError('55000', `record "${name}" is not assigned yet`);
    const [field] = path;
    if (field === undefined) return wholeRecord([...fields.values()]);
    const value = fields.get(field);
    if (!value) throw new RedshiftError('42703', `record "${name}" has no field "${field}"`);
    return value;
  }
}

/** A record as a whole is only asked whether it is NULL. */
const wholeRecord = (values: readonly Value[]): Value => ({
  type: { kind: 'varchar' },
  text: values.every(({ text }) => text === null) ? null : `(${values.map(({ text }) => text ?? '').join(',')})`,
});

function leadingNames(root: string, steps: readonly PathStep[]): string[] {
  const names = [root];
  for (const step of steps) {
    if (step.kind !== 'attribute') break;
    names.push(step.name.quoted ? step.name.name : step.name.name.toLowerCase());
  }
  return names;
}

/** A value as a constant of its type. */
export function literal({ type, text }: Value, position: number): Expression {
  if (text === null) return { kind: 'cast', operand: { kind: 'null', position }, type, lax: false, position };
  const string: Expression = { kind: 'string', value: text, position };
  if (type.kind === 'super') return call('json_parse', string, position);
  if (type.kind === 'varbyte') return call('from_hex', string, position);
  return { kind: 'cast', operand: string, type, lax: false, position };
}

const call = (name: string, argument: Expression, position: number): Expression => ({
  kind: 'call',
  name: [{ name, quoted: false, position }],
  arguments: [argument],
  distinct: false,
  star: false,
  approximate: false,
  position,
});
