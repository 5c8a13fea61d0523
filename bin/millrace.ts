#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultPorts } from '../local/running.ts';
import { addDriftCommands } from './commands/drift.ts';
import { addEnvironmentCommands } from './commands/environments.ts';
import { addFillCommands } from './commands/fill.ts';
import { addModelCommands } from './commands/models.ts';
import { addModelReadCommands } from './commands/models-read.ts';
import { stateDirectory } from './commands/options.ts';
import { addQuarantineCommands } from './commands/quarantine.ts';
import { addReloadCommands } from './commands/reload.ts';
import { addTraceCommands } from './commands/trace.ts';

/** A port, or 0 for one that is free. */
function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 (any that is free) to 65535');
  return value;
}

/** How much shorter than on AWS waits are. */
function speed(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1) throw new InvalidArgumentError('a number of 1 (as on AWS) or more');
  return value;
}

const program = new Command('millrace')
  .description('Serverless, event-driven ELT on AWS, and the same stack on this machine.')
  .showHelpAfterError('(add --help for what it takes)')
  .configureHelp({ sortSubcommands: false });

program
  .command('start')
  .description('run the synthesized stack on this machine, play the demo, print what came of it, and keep serving')
  .option('--once', 'end after the summary; exit code 0 only if every count agrees')
  .option('--fresh', 'begin anew: drop the state of earlier runs')
  .option('--no-demo', 'play nothing, only serve')
  .option('--no-watch', 'do not rebuild what is saved under sql/')
  .option('--speed <factor>', 'how much shorter than on AWS waits and batching windows are; 1 is as on AWS', speed, 10)
  .option('--port <port>', 'AWS endpoint and console; 0 is any that is free', port, defaultPorts.endpoint)
  .option('--redshift-port <port>', 'Postgres wire protocol; 0 is any that is free', port, defaultPorts.redshift)
  .addOption(stateDirectory)
  .addHelpText(
    'after',
    '\nEnvironment:\n  MILLRACE_LOCAL_CHAOS="seed=1;killFunctions=0.01"  kill so many functions before, during or after an invocation (off by default)',
  )
  .action(async (options) => (await import('../local/commands/start.ts')).start(options));

program
  .command('sql')
  .description('run SQL in the warehouse of the running pipeline')
  .argument('[statement]', 'one or more statements; absent or -: read standard input')
  .option('--format <format>', 'table, json or csv', 'table')
  .option('--env <name>', 'in an environment: a database that `millrace build --env` has made')
  .addOption(stateDirectory)
  .action(async (statement, options) => (await import('../local/commands/sql.ts')).sql(statement, options));

program
  .command('status')
  .description('what came in, was loaded, was quarantined and is pending; how fresh each dataset is')
  .option('--json', 'for programs')
  .addOption(stateDirectory)
  .action(async (options) => (await import('../local/commands/status.ts')).status(options));

program
  .command('put')
  .description("put records in at a dataset's front door: PutItem, PutRecords, or a row of the demo's REST API")
  .argument('<dataset>', 'its name in millrace.config.ts')
  .argument('<file>', 'one JSON value a line; - is standard input')
  .addOption(stateDirectory)
  .action(async (dataset, file, options) => (await import('../local/commands/put.ts')).put(dataset, file, options));

addModelReadCommands(program);
addModelCommands(program);
addEnvironmentCommands(program);
addQuarantineCommands(program);
addTraceCommands(program);
addReloadCommands(program);
addDriftCommands(program);

program
  .command('redshift')
  .description('run Redshift in a box alone: the Postgres protocol, and the Data API over HTTP')
  .option('--host <address>', 'where to listen', '127.0.0.1')
  .option('--port <port>', 'Postgres wire protocol; 0 is any that is free', port, defaultPorts.redshift)
  .option('--data-api-port <port>', 'Data API over HTTP; 0 is any that is free', port, 0)
  .option('--directory <folder>', 'where databases are kept; absent: in memory')
  .option('--database <name>', 'the database to make', 'dev')
  .option('--user <name>', 'the administrator', 'admin')
  .addOption(
    new Option('--password <password>', "the administrator's; absent: a new one is made and printed").env(
      'MILLRACE_REDSHIFT_PASSWORD',
    ),
  )
  .option(
    '--s3-endpoint <url>',
    'where COPY reads and UNLOAD writes; absent: Amazon S3, with the AWS_ keys of the environment',
  )
  .option('--s3-region <region>', 'its region', process.env.AWS_REGION ?? 'us-east-1')
  .option('--default-role <arn>', 'what IAM_ROLE default means')
  .action(async (options) => (await import('../local/commands/redshift.ts')).redshift(options));

addFillCommands(program);

// Whoever read the output has read enough, as of `millrace sql … | head`: end as other programs do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

try {
  await program.parseAsync();
} catch (error) {
  const { explain } = await import('../local/commands/explain.ts');
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

// What still holds the process (a connection kept alive, a part that could not be closed) is nothing to wait for.
setTimeout(() => process.exit(), 2_000).unref();
