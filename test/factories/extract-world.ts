import { extract } from '../../lambdas/extract/extract.ts';
import { MemoryLake } from './memory-lake.ts';
import { landingPorts, MemoryQueue } from './memory-queue.ts';
import { MemoryWatermarks } from './memory-watermarks.ts';
import { RestApi } from './rest-api.ts';

const source = {
  key: ['id'],
  watermark: { field: 'updatedAt', parameter: 'updatedSince' },
  records: 'data',
  pagination: { kind: 'cursor' as const, field: 'nextCursor', parameter: 'cursor' },
};

/** A REST source, a lake and a memory between them; `run` is one scheduled invocation of the extractor. */
export function extractWorld() {
  const api = new RestApi();
  const lake = new MemoryLake();
  const queue = new MemoryQueue();
  const watermarks = new MemoryWatermarks();
  const slept: number[] = [];
  const settings = { dataset: 'organizers', codec: 'gzip' as const, source, secretArn: 'arn:secret', pagesAtMost: 50 };
  const ports = {
    ...landingPorts(queue),
    lake,
    watermarks,
    secrets: {
      read: async () => JSON.stringify({ url: 'https://api.example.com/organizers?tenant=7', token: 'hush' }),
    },
    fetch: api.fetch,
    sleep: async (milliseconds: number) => void slept.push(milliseconds),
    random: () => 0.5,
    remainingMilliseconds: () => 60_000,
    now: () => new Date('2026-11-20T23:00:00.000Z'),
  };
  const run = (more: object = {}, morePorts: object = {}) =>
    extract({ ...settings, ...more }, { ...ports, ...morePorts });
  const landed = () => lake.lines('raw/').map((line) => JSON.parse(line));
  const watermark = async () => (await watermarks.read('organizers'))?.watermark;
  return { api, lake, queue, watermarks, slept, run, landed, watermark };
}
