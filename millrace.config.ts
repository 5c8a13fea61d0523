import { defineConfig } from './lib/config/config.ts';

/** A tournament platform: brackets change as matches end, servers log who plays, organizers come from a partner's API. */
export default defineConfig({
  name: 'tournaments',
  environment: 'prod',
  warehouse: { kind: 'serverless', baseCapacity: 8 },
  readers: { analysts: { schemas: ['mart'] } },
  datasets: {
    brackets: {
      owner: 'tournament-team',
      freshnessSeconds: 60,
      source: { kind: 'dynamodb', table: { create: { partitionKey: 'tournamentId' } } },
    },
    app_logs: {
      owner: 'platform-team',
      freshnessSeconds: 60,
      source: { kind: 'kinesis', stream: { create: {} } },
    },
    organizers: {
      owner: 'partnerships-team',
      freshnessSeconds: 60,
      source: {
        kind: 'rest',
        key: ['id'],
        watermark: { field: 'updatedAt', parameter: 'updatedSince' },
        records: 'data',
        pagination: { kind: 'cursor', field: 'nextCursor', parameter: 'cursor' },
        everyMinutes: 1,
      },
    },
  },
});
