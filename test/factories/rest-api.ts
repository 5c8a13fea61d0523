/** A row as the source holds it: raw JSON text, so that a test says every digit. */
export interface Row {
  readonly updatedAt: string;
  readonly json: string;
}

/** A row with what a test does not care about. */
export function row(id: string, updatedAt: string, more = ''): Row {
  return {
    updatedAt,
    json: `{"id":${JSON.stringify(id)},"updatedAt":${JSON.stringify(updatedAt)}${more && `,${more}`}}`,
  };
}

type Answer = Response | Error;

/** A paged REST API in memory: `since` filters with >=, the cursor is the number of the first row. */
export class RestApi {
  rows: Row[] = [];
  pageSize = 3;
  order: 'ascending' | 'descending' | 'as inserted' = 'ascending';
  readonly requests: { readonly url: URL; readonly authorization: string | null }[] = [];
  /** Runs before each page is made: rows change while a client pages. */
  beforePage: (pageNumber: number) => void = () => undefined;
  #answers: Answer[] = [];

  /** The next requests are answered with these, one each. */
  answerNext(...answers: Answer[]): void {
    this.#answers.push(...answers);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    this.requests.push({ url, authorization: new Headers(init?.headers).get('authorization') });
    const answer = this.#answers.shift();
    if (answer instanceof Error) throw answer;
    if (answer) return answer;
    this.beforePage(this.requests.length);
    return new Response(this.#page(url.searchParams));
  };

  #page(query: URLSearchParams): string {
    const since = query.get('updatedSince') ?? '';
    const due = this.rows.filter((one) => one.updatedAt >= since);
    const sign = this.order === 'descending' ? -1 : 1;
    if (this.order !== 'as inserted')
      due.sort((a, b) => (a.updatedAt < b.updatedAt ? -sign : a.updatedAt > b.updatedAt ? sign : 0));
    const start = Number(query.get('cursor') ?? 0);
    const end = start + this.pageSize;
    const next = end < due.length ? `"${end}"` : 'null';
    return `{"data": [${due
      .slice(start, end)
      .map((one) => one.json)
      .join(', ')}],\n "nextCursor": ${next}}`;
  }
}
