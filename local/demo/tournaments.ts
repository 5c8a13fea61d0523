/**
 * The demo's data: a tournament platform, the same on every run. Numbers that JavaScript cannot hold (64-bit player ids,
 * a 38-digit prize pool) are there on purpose, and so are the records that a pipeline meets sooner or later.
 */

/** A JSON number by its own digits; `JSON.rawJSON` is in Node 24, but not yet in TypeScript's library. */
const digits = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

const tournamentCount = 40;
const organizerCount = 12;
const goodLogCount = 240;
const opening = Date.UTC(2026, 2, 1, 9);
const hourMilliseconds = 3_600_000;

const games = ['Ladder Cup', 'Spring Open 🌸', 'Midnight Masters', 'École Royale', 'Rookie Rumble'];
const countries = ['JP', 'FR', 'US', 'BR'];

const instant = (hoursAfterOpening: number): string =>
  new Date(opening + hoursAfterOpening * hourMilliseconds).toISOString();
const tournamentId = (n: number): string => `t-${String(n).padStart(3, '0')}`;
const organizerId = (n: number): string => `org-${String(n % organizerCount).padStart(2, '0')}`;
/** Beyond 2^53, where neighbouring integers are one and the same to a JavaScript number. */
const playerId = (n: number): unknown => digits(String(9_007_199_254_740_993n + BigInt(n)));

const isHalfPlayed = (n: number): boolean => n % 2 === 0;
const isFinished = (n: number): boolean => n % 4 === 0;
const isCancelled = (n: number): boolean => n % 13 === 5;

function participant(tournament: number, seed: number): object {
  const id = tournament * 3 + seed;
  return { playerId: playerId(id), name: `Player ${id}`, seed };
}

function openingMatches(tournament: number, size: number): object[] {
  return Array.from({ length: size / 2 }, (_, match) => ({
    matchId: `${tournamentId(tournament)}-m${match + 1}`,
    round: 1,
    participants: [participant(tournament, match * 2 + 1), participant(tournament, match * 2 + 2)],
  }));
}

/** One change at the front door of the brackets table. */
export type BracketChange =
  | { readonly kind: 'put'; readonly itemText: string }
  | {
      readonly kind: 'endMatch';
      readonly tournamentId: string;
      readonly winnerIdText: string;
      readonly endedAt: string;
    }
  | { readonly kind: 'finish'; readonly tournamentId: string; readonly endedAt: string }
  | { readonly kind: 'delete'; readonly tournamentId: string };

function bracketItem(n: number): string {
  const size = n % 3 === 0 ? 8 : 4;
  return JSON.stringify({
    tournamentId: tournamentId(n),
    name: `${games[n % games.length]} ${n}`,
    organizerId: organizerId(n),
    size,
    startsAt: instant(n * 5),
    status: 'running',
    prizePool: digits(n === 0 ? '12345678901234567890123456789012345678' : `${1000 + n}.5`),
    matches: openingMatches(n, size),
  });
}

/** Every tournament is announced; half play a match, a quarter end, three are cancelled: in that order. */
export function bracketChanges(): BracketChange[] {
  const all = Array.from({ length: tournamentCount }, (_, n) => n);
  return [
    ...all.map((n): BracketChange => ({ kind: 'put', itemText: bracketItem(n) })),
    ...all.filter(isHalfPlayed).map(
      (n): BracketChange => ({
        kind: 'endMatch',
        tournamentId: tournamentId(n),
        winnerIdText: String(9_007_199_254_740_993n + BigInt(n * 3 + 1)),
        endedAt: instant(n * 5 + 1),
      }),
    ),
    ...all
      .filter(isFinished)
      .map((n): BracketChange => ({ kind: 'finish', tournamentId: tournamentId(n), endedAt: instant(n * 5 + 3) })),
    ...all.filter(isCancelled).map((n): BracketChange => ({ kind: 'delete', tournamentId: tournamentId(n) })),
  ];
}

function logLine(n: number): string {
  const tournament = n % tournamentCount;
  const about = tournamentId(tournament);
  // Six lines a tournament: the players of a small bracket, and two who only watch.
  const viewer = tournament * 3 + 1 + Math.floor(n / tournamentCount);
  const inner =
    n % 40 === 7
      ? `{"event":"match_viewed","tournamentId":"${about}"`
      : JSON.stringify({
          event: n % 5 === 0 ? 'signed_up' : 'match_viewed',
          tournamentId: about,
          playerId: playerId(viewer),
        });
  return JSON.stringify({
    level: n % 50 === 0 ? 'error' : 'info',
    at: instant(n),
    service: n % 2 === 0 ? 'web' : 'api',
    message: inner,
  });
}

/** A record that the app's log shipper puts on the Kinesis stream. */
export interface LogRecord {
  readonly data: Buffer;
  readonly partitionKey: string;
  /** The code under which it ends in quarantine; absent for records that load. */
  readonly quarantineCode?: string;
}

const badLogs: LogRecord[] = [
  { data: Buffer.from('panic: runtime error: index out of range [7]'), quarantineCode: 'NOT_JSON' },
  {
    data: Buffer.from(JSON.stringify({ level: 'error', trace: 'x'.repeat(70_000) })),
    quarantineCode: 'STRING_TOO_LONG',
  },
  { data: Buffer.from('{"level":"info","level":"error","message":"{}"}'), quarantineCode: 'DUPLICATE_KEY' },
  { data: Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), quarantineCode: 'NOT_UTF8' },
].map((record, n) => ({ ...record, partitionKey: `bad-${n}` }));

/** The good lines, with the bad ones in their midst. */
export function logRecords(): LogRecord[] {
  const good = Array.from({ length: goodLogCount }, (_, n) => ({
    data: Buffer.from(logLine(n)),
    partitionKey: `service-${n % 7}`,
  }));
  return [...good.slice(0, 100), ...badLogs, ...good.slice(100)];
}

/** A row of the REST API that the extractor pulls. */
export interface Organizer {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly certified: boolean;
  readonly updatedAt: string;
}

/** Organizers in the order of their last change, a millisecond apart up to `nowMilliseconds`; two of every three are certified. */
export function organizers(nowMilliseconds: number): Organizer[] {
  return Array.from({ length: organizerCount }, (_, n) => ({
    id: organizerId(n),
    name: `Organizer ${n}`,
    country: countries[n % countries.length] ?? 'JP',
    certified: n % 3 !== 2,
    updatedAt: new Date(nowMilliseconds - organizerCount + n).toISOString(),
  }));
}
