import type { World } from './world.ts';

/** A version of a row, as the source serves it. */
export interface ServedRow {
  readonly id: string;
  readonly updatedAt: string;
  readonly json: string;
}

const utf8 = new TextEncoder();
const pageSize = 2;
/** A commit that takes this long is seen by nobody until then; its row says when it was begun. */
const slowestCommitMilliseconds = 40_000;

/**
 * A paged REST API whose rows are written while somebody pages: in the order of their watermark, which has whole seconds, so that
 * rows and versions share it; its clock is behind, and a row may become visible later than it says.
 */
export class SimulatedApi {
  readonly rows = new Map<string, ServedRow>();
  /** Every version that anybody may have seen. */
  readonly versions = new Map<string, ServedRow>();
  readonly #world: World;
  readonly #behindMilliseconds: number;

  constructor(world: World) {
    this.#world = world;
    this.#behindMilliseconds = world.random.between(0, 300_000);
  }

  /** Puts the writes of some minutes on the calendar; some come in bursts, so that they share a second. */
  begin(): void {
    const { random, faults } = this.#world;
    let at = 0;
    for (let count = 0; count < random.between(2, 12); count += 1) {
      at += random.pick([0, 200, 20_000, 120_000]);
      const id = `o-${random.between(1, 4)}`;
      this.#world.after(at, 'a row is written', () => this.#write(id, count));
    }
    if (faults.strikes('rowFromFuture', 'organizers'))
      this.#show({ id: 'o-future', updatedAt: '2226-01-01T00:00:00Z', json: '' });
  }

  #write(id: string, version: number): void {
    const { nowMilliseconds, random } = this.#world;
    const updatedAt = `${new Date(nowMilliseconds - this.#behindMilliseconds).toISOString().slice(0, 19)}Z`;
    const row = { id, updatedAt, json: `"version":${version}` };
    if (!random.chance(0.3)) return this.#show(row);
    this.#world.after(random.between(0, slowestCommitMilliseconds), 'a row is committed', () => this.#show(row));
  }

  #show({ id, updatedAt, json }: ServedRow): void {
    const present = this.rows.get(id);
    // Rows of one key are committed in their order: a lock is held.
    if (present && present.updatedAt > updatedAt) return;
    const row = { id, updatedAt, json: `{"id":"${id}","updatedAt":"${updatedAt}"${json && `,${json}`}}` };
    this.rows.set(id, row);
    this.versions.set(row.json, row);
  }

  /** Answers as `fetch` does, as far as the client looks. */
  get(url: URL): Response {
    const { faults, random } = this.#world;
    const place = 'source';
    if (faults.strikes('apiSlow', place))
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    if (faults.strikes('apiRefuses', place)) return answer(random.pick([429, 500, 503, 404]), 'sorry');
    if (faults.strikes('apiGarbage', place))
      return answer(200, random.pick(['<html>proxy</html>', '{"data": [{"id"', '', '[]']));
    const isRepeated = faults.strikes('pageRepeated', place);
    return answer(200, this.#page(url.searchParams, isRepeated));
  }

  #page(query: URLSearchParams, isRepeated: boolean): string {
    const order = ({ updatedAt, id }: ServedRow) => `${updatedAt} ${id}`;
    const since = query.get('since') ?? '';
    const after = query.get('cursor') ?? '';
    const due = [...this.rows.values()]
      .filter(({ updatedAt }) => updatedAt >= since)
      .toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
    const left = due.filter((row) => order(row) > after);
    const page = left.slice(0, pageSize);
    const last = page.at(-1);
    const next = last && left.length > page.length ? JSON.stringify(order(last)) : 'null';
    const shown = isRepeated
      ? due
          .filter((row) => order(row) <= after)
          .slice(-pageSize)
          .concat(page)
      : page;
    return `{"data":[${shown.map(({ json }) => json).join(',')}],"nextCursor":${next}}`;
  }
}

/** A Response that takes no turn of the event loop to be read: between its calls a process awaits nothing else. */
function answer(status: number, text: string): Response {
  return {
    ok: status === 200,
    status,
    headers: new Headers(),
    body: null,
    arrayBuffer: async () => utf8.encode(text).buffer,
  } as Response;
}
