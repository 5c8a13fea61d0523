/**
 * A long run of the real local runtime, killed all the time: events go in through the front doors, functions and the process die at
 * random, and in the end every record is looked up. Run: npm run endure -- --help
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endure } from './endure.ts';
import { type EnduranceOptions, readOptions } from './options.ts';

const options = readOptions();
if (options) {
  // What still sends ends with the run, however that ends.
  await run(options).finally(() => setTimeout(() => process.exit(), 1_000).unref());
}

async function run(options: EnduranceOptions): Promise<void> {
  const stateDirectory = options.stateDirectory ?? fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-endurance-'));
  const report = await endure(options, stateDirectory, (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`\n${report.lines.join('\n')}\n`);
  if (!report.agrees) process.stdout.write(`The state is kept in ${stateDirectory}\n`);
  else if (options.stateDirectory === undefined) fs.rmSync(stateDirectory, { recursive: true, force: true });
  process.exitCode = report.agrees ? 0 : 1;
}
