let last = 0;

/** A name for a source in DuckDB that no other has. Names start over with every statement, so that equal queries read alike. */
export function nextName(): string {
  last += 1;
  return `r${last}`;
}

export function restartNames(): void {
  last = 0;
}
