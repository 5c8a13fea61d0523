import { endOfComment } from '../statements/tokens.ts';

/** True for text that holds no statement: white space, semicolons and comments alone. */
export function isBlankStatement(text: string): boolean {
  let index = 0;
  while (index < text.length) {
    if (/[\s;]/.test(text.charAt(index))) index += 1;
    else if (text.startsWith('--', index)) index = endOfLine(text, index);
    else if (text.startsWith('/*', index)) index = endOfComment(text, index) ?? text.length;
    else return false;
  }
  return true;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
