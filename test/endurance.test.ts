import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endure } from '../bench/endurance/endure.ts';

/** `npm run endure` does the same with a million events; this is the same run in small. */
test('the runtime is killed while records come in, and functions with it: everything agrees to the record', async () => {
  const stateDirectory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-endurance-'));
  const options = { events: 3_000, seed: 1, kills: 1, functionKills: 0.05, tableShare: 0.2, poison: 0.01, speed: 60 };
  const told: string[] = [];
  const report = await endure(options, stateDirectory, (line) => told.push(line)).catch((error: Error) => {
    throw new Error(`${told.join('\n')}\nThe state is kept in ${stateDirectory}`, { cause: error });
  });
  expect(report.lines.slice(-26)).toContain('Everything agrees, to the record.');
  fs.rmSync(stateDirectory, { recursive: true, force: true });
}, 240_000);
