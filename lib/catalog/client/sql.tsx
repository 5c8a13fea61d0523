import type { ComponentChildren } from 'preact';

type Mentions = readonly (readonly [start: number, end: number, name: string])[];

const keywords = new Set(
  `all and any as asc between by case cast cross current date desc distinct else end except exists extract false following for from full
  group grouping having if in inner intersect interval into is join lateral left like limit not null nulls offset on or order outer over
  partition pivot preceding qualify range recursive right rows select set similar some then to top true unbounded union unpivot using
  values when where window with within`.split(/\s+/),
);

const token =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)/gu;

/** SQL with its words told apart; names of tables lead to their pages. */
export function Sql({
  sql,
  mentions = [],
  href,
}: {
  sql: string;
  mentions?: Mentions;
  href?: (name: string) => string;
}) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const [start, end, name] of mentions) {
    if (start < at) continue;
    parts.push(...coloured(sql.slice(at, start)), <a href={href?.(name)}>{sql.slice(start, end)}</a>);
    at = end;
  }
  parts.push(...coloured(sql.slice(at)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre class="sql" tabIndex={0}>
      <code>{parts}</code>
    </pre>
  );
}

function coloured(sql: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const match of sql.matchAll(token)) {
    const kind = kindOf(match.groups ?? {});
    if (!kind) continue;
    parts.push(sql.slice(at, match.index), <span class={kind}>{match[0]}</span>);
    at = match.index + match[0].length;
  }
  parts.push(sql.slice(at));
  return parts;
}

function kindOf({ comment, text, number, word }: Record<string, string | undefined>): string | undefined {
  if (comment) return 'comment';
  if (text) return 'text';
  if (number) return 'literal';
  return word && keywords.has(word.toLowerCase()) ? 'keyword' : undefined;
}
