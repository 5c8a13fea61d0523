import { type BracketChange, bracketChanges, logRecords, organizers } from '../../local/demo/tournaments.ts';
import type { Happening } from './models-world.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 9, 0, second)).toISOString().replace('Z', '000Z');

/** What the stream of the brackets table says of the demo's changes, in their order; texts are changed as texts, so digits stay. */
export function bracketHappenings(): Happening[] {
  const items = new Map<string, string>();
  return bracketChanges().map((change, n) => {
    const id = change.kind === 'put' ? idOf(change.itemText) : change.tournamentId;
    const payload = change.kind === 'put' ? change.itemText : changed(items.get(id) ?? '', change);
    items.set(id, payload);
    return {
      _id: `b-${n}`,
      _op: change.kind === 'put' ? 'insert' : change.kind === 'delete' ? 'delete' : 'update',
      _key: JSON.stringify({ tournamentId: id }),
      _position: String(n).padStart(8, '0'),
      _at: at(n),
      payload,
    };
  });
}

const idOf = (text: string): string => (JSON.parse(text) as { tournamentId: string }).tournamentId;

function changed(text: string, change: Exclude<BracketChange, { kind: 'put' }>): string {
  switch (change.kind) {
    case 'delete':
      return text;
    case 'finish':
      return text.replace('"status":"running"', `"status":"finished","endedAt":"${change.endedAt}"`);
    case 'endMatch':
      return text.replace('"round":1', `"round":1,"winnerId":${change.winnerIdText},"endedAt":"${change.endedAt}"`);
  }
}

/** The log lines that load, ten minutes apart. */
export function logHappenings(): Happening[] {
  return logRecords()
    .filter(({ quarantineCode }) => quarantineCode === undefined)
    .map(({ data }, n) => ({
      _id: `l-${n}`,
      _op: 'event',
      _key: null,
      _position: String(n).padStart(8, '0'),
      _at: at(n * 600),
      payload: data.toString('utf8'),
    }));
}

export function organizerHappenings(): Happening[] {
  return organizers(Date.UTC(2026, 2, 1, 9)).map((organizer, n) => ({
    _id: `o-${n}`,
    _op: 'snapshot',
    _key: JSON.stringify({ id: organizer.id }),
    _position: String(n).padStart(8, '0'),
    _at: at(0),
    payload: JSON.stringify(organizer),
  }));
}
