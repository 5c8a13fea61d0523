import { bracketChanges, logRecords, organizers } from '../../local/demo/tournaments.ts';

/**
 * What must come out of the pipeline, worked out from what the demo sends and from nothing else: a second, naive
 * implementation in plain JavaScript. Ids and amounts stay text.
 */
interface Match {
  participants: { playerId: string }[];
  endedAt?: string;
}
interface Tournament {
  tournamentId: string;
  organizerId: string;
  name: string;
  size: number;
  status: string;
  prizePool: string;
  startsAt: string;
  matches: Match[];
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** Numbers become the text they were written as. */
const withNumbersAsText = (text: string): unknown =>
  (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, (_key, value, { source }) =>
    typeof value === 'number' ? source : value,
  );

/** The brackets table after every change. */
export function tournamentsAtTheEnd(): Map<string, Tournament> {
  const table = new Map<string, Tournament>();
  for (const change of bracketChanges()) {
    if (change.kind === 'put') {
      const item = withNumbersAsText(change.itemText) as Tournament;
      table.set(item.tournamentId, item);
    } else if (change.kind === 'delete') table.delete(change.tournamentId);
    else {
      const item = table.get(change.tournamentId) as Tournament;
      if (change.kind === 'finish') item.status = 'finished';
      else (item.matches[0] as Match).endedAt = change.endedAt;
    }
  }
  return table;
}

interface Line {
  level: string;
  readable: boolean;
  tournamentId?: string;
  playerId?: string;
}

/** The log lines that load, with what their inner JSON says where it can be read. */
export function loadedLines(): Line[] {
  return logRecords()
    .filter((record) => !record.quarantineCode)
    .map(({ data }) => {
      const { level, message } = JSON.parse(data.toString('utf8')) as { level: string; message: string };
      try {
        return { level, readable: true, ...(withNumbersAsText(message) as object) };
      } catch {
        return { level, readable: false };
      }
    });
}

/** Records by quarantine code, among the logs. */
export function quarantinedLogs(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { quarantineCode } of logRecords()) {
    if (quarantineCode) counts[quarantineCode] = (counts[quarantineCode] ?? 0) + 1;
  }
  return counts;
}

export interface CertifiedTournament {
  tournament_id: string;
  tournament_name: string;
  organizer_name: string;
  status: string;
  bracket_size: string;
  prize_pool_text: string;
  matches_played: string;
  participants: string;
  participants_seen: string;
  viewers: string;
}

/** The mart, computed the long way round. */
export function certifiedTournaments(): CertifiedTournament[] {
  const certified = new Map(organizers(0).flatMap((one) => (one.certified ? [[one.id, one.name] as const] : [])));
  const lines = loadedLines();
  const rows = [...tournamentsAtTheEnd().values()].flatMap((tournament): CertifiedTournament[] => {
    const organizer = certified.get(tournament.organizerId);
    if (organizer === undefined) return [];
    const seen = new Set(
      lines.filter((line) => line.tournamentId === tournament.tournamentId).flatMap((line) => line.playerId ?? []),
    );
    const players = new Set(tournament.matches.flatMap((match) => match.participants.map((one) => one.playerId)));
    return [
      {
        tournament_id: tournament.tournamentId,
        tournament_name: tournament.name,
        organizer_name: organizer,
        status: tournament.status,
        bracket_size: String(tournament.size),
        prize_pool_text: tournament.prizePool,
        matches_played: String(tournament.matches.filter((match) => match.endedAt).length),
        participants: String(players.size),
        participants_seen: String([...players].filter((player) => seen.has(player)).length),
        viewers: String(seen.size),
      },
    ];
  });
  return rows.sort((a, b) => (a.tournament_id < b.tournament_id ? -1 : 1));
}
