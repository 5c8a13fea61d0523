/**
 * How fast ingest is on this machine: the scanner beside JSON.parse, and a batch of 1,000 records from event to compressed object.
 * Run: node bench/ingest.ts
 */
import { packBatch } from '../lib/pipeline/batch.ts';
import { scanJson } from '../lib/pipeline/json-scan.ts';
import { intakesOfKinesisRecord } from '../lib/pipeline/kinesis-record.ts';
import { codecs } from '../lib/pipeline/names.ts';

const recordCount = 1_000;
const rounds = 20;

const log = JSON.stringify({
  level: 'info',
  at: '2026-11-20T23:40:00.123Z',
  service: 'bracket-api',
  requestId: '3f1c9b8e-5c1d-4b6e-9d5e-1234567890ab',
  message: JSON.stringify({
    event: 'match.finished',
    tournamentId: 't-123',
    scores: [3, 1],
    participants: ['anna', 'björn'],
  }),
  durationMs: 12.5,
});
const bracket = JSON.stringify({
  tournamentId: 't-1',
  name: 'Spring Open',
  matches: Array.from({ length: 30 }, (_, index) => ({
    matchId: `m-${index}`,
    round: index % 5,
    participants: [index, index + 1].map((seed) => ({ id: `p${seed}`, name: `Player ${seed}`, seed })),
    score: [index, index + 1],
    finished: true,
  })),
});

/** The best of several rounds, in milliseconds: the others measure the machine's other tenants. */
function bestMilliseconds(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

for (const [name, text] of Object.entries({ 'log line': log, bracket })) {
  const records = Array.from({ length: recordCount }, () => Buffer.from(text));
  const megabytes = ((records[0]?.length ?? 0) * recordCount) / 1e6;
  const report = (what: string, milliseconds: number) =>
    console.log(
      `${name} (${text.length} B): ${what}: ${(megabytes / (milliseconds / 1e3)).toFixed(0)} MB/s, ${milliseconds.toFixed(1)} ms for ${recordCount}`,
    );
  report(
    'JSON.parse',
    bestMilliseconds(() => {
      for (const bytes of records) JSON.parse(bytes.toString('utf8'));
    }),
  );
  report(
    'scanJson',
    bestMilliseconds(() => {
      for (const bytes of records) scanJson(bytes);
    }),
  );
  const event = records.map((bytes, index) => ({
    eventID: `shardId-000000000000:${index}`,
    kinesis: {
      sequenceNumber: String(index),
      data: bytes.toString('base64'),
      approximateArrivalTimestamp: 1_795_214_400,
    },
  }));
  for (const codec of codecs) {
    const pack = () =>
      packBatch({ dataset: 'app_logs', codec, name: 'bench', intakes: event.flatMap(intakesOfKinesisRecord) });
    report(`event to ${codec} object`, bestMilliseconds(pack));
  }
}
