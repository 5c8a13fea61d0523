import type { QuarantineCode } from '../../lib/pipeline/quarantine.ts';
import { fractionAt } from './random.ts';

/** A log line that is sent. What it is follows from the seed and its number alone, so nothing of it need be remembered. */
export interface LogLine {
  readonly data: Buffer;
  readonly partitionKey: string;
  /** The code under which it must end in quarantine; absent for one that must be loaded. */
  readonly code?: QuarantineCode;
}

const firstInstant = Date.UTC(2026, 2, 1);
const services = 97;
const tournaments = 40;
/** More than a VARCHAR holds. */
const longText = 'x'.repeat(70_000);

const badLines: readonly { code: QuarantineCode; text: (n: number) => string }[] = [
  { code: 'NOT_JSON', text: (n) => `panic: "sequence":${n}: index out of range` },
  { code: 'STRING_TOO_LONG', text: (n) => `{"sequence":${n},"trace":"${longText}"}` },
  { code: 'DUPLICATE_KEY', text: (n) => `{"sequence":${n},"level":"info","level":"error"}` },
  { code: 'NOT_UTF8', text: (n) => `{"sequence":${n},"name":"\xff"}` },
];

function goodText(n: number): string {
  const message = `{"event":"match_viewed","tournamentId":"t-${n % tournaments}","playerId":${9_007_199_254_740_993n + BigInt(n % 5_000)}}`;
  return `{"sequence":${n},"level":"${n % 50 === 0 ? 'error' : 'info'}","at":"${new Date(firstInstant + n * 10).toISOString()}","message":${JSON.stringify(message)}}`;
}

/** Line number n. */
export function logLine(seed: number, poison: number, n: number): LogLine {
  const partitionKey = `service-${n % services}`;
  const chance = fractionAt(seed, n);
  const bad = chance < poison ? badLines[Math.floor((chance / poison) * badLines.length)] : undefined;
  if (bad) return { data: Buffer.from(bad.text(n), 'latin1'), partitionKey, code: bad.code };
  return { data: Buffer.from(goodText(n)), partitionKey };
}

/** The number that a line says it has. */
export function numberOfLine(data: Uint8Array): number | undefined {
  const [, digits] = /"sequence":(\d+)/.exec(Buffer.from(data.subarray(0, 100)).toString('latin1')) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
