const compiled = new Map<string, RegExp>();

/** IAM's wildcards: `*` any text, `?` one character; everything else is itself. */
export function matchesPattern(pattern: string, value: string, options: { ignoreCase?: boolean } = {}): boolean {
  const flags = options.ignoreCase ? 'isu' : 'su';
  const key = `${flags}:${pattern}`;
  let expression = compiled.get(key);
  if (!expression) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, flags);
    compiled.set(key, expression);
  }
  return expression.test(value);
}

/** ArnLike compares the six parts of an ARN one by one, so that a wildcard does not reach across a colon. */
export function matchesArn(pattern: string, arn: string): boolean {
  const parts = (text: string) => {
    const pieces = text.split(':');
    return [...pieces.slice(0, 5), pieces.slice(5).join(':')];
  };
  if (pattern === '*') return true;
  const patternParts = parts(pattern);
  const arnParts = parts(arn);
  return patternParts.every((part, index) => matchesPattern(part, arnParts[index] ?? ''));
}
