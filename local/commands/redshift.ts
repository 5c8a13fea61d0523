import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type RedshiftServer, type RedshiftServerOptions, serveRedshift } from '../redshift/server.ts';
import { certificateFile } from '../redshift/wire/certificate.ts';
import { onInterruption } from './interruption.ts';
import { explained, prepareFolder, requireSense } from './redshift-mistakes.ts';

export interface RedshiftCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly dataApiPort: number;
  readonly directory?: string;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly s3Endpoint?: string;
  readonly s3Region: string;
  readonly defaultRole?: string;
}

/** `millrace redshift`: the box alone, until it is interrupted. */
export async function redshift(options: RedshiftCommandOptions): Promise<void> {
  const interruption = onInterruption();
  const password = options.password ?? randomBytes(12).toString('base64url');
  const server = await startRedshift(options, password);
  process.stdout.write(`${greeting(server, options, password)}\n`);
  await interruption.wait();
  process.stdout.write('Closing.\n');
  await server.close();
}

/** Starts the box as the command line says. */
export async function startRedshift(options: RedshiftCommandOptions, password: string): Promise<RedshiftServer> {
  const { host, port, dataApiPort, user, defaultRole } = options;
  requireSense(options);
  const directory = options.directory === undefined ? undefined : path.resolve(options.directory);
  if (directory !== undefined) prepareFolder(directory);
  try {
    return await serveRedshift({
      host,
      port,
      dataApiPort,
      directory,
      databases: [options.database],
      admin: { user, password },
      defaultRoleArn: defaultRole,
      s3: s3Of(options),
    });
  } catch (error) {
    throw explained(error, options);
  }
}

/** COPY and UNLOAD sign with the caller's own keys; an endpoint on this machine hardly asks who it is. */
function s3Of({ s3Endpoint, s3Region }: RedshiftCommandOptions): RedshiftServerOptions['s3'] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const own = AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY;
  if (!own && s3Endpoint === undefined) return undefined;
  const credentials = own
    ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN }
    : { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
  return { endpoint: s3Endpoint, region: s3Region, credentials };
}

function greeting(server: RedshiftServer, options: RedshiftCommandOptions, password: string): string {
  const { user, database, directory } = options;
  const shown = options.password === undefined ? password : '…';
  const s3 = s3Of(options);
  return [
    `Redshift in a box, ${directory === undefined ? 'in memory' : `kept in ${path.resolve(directory)}`}`,
    '',
    `  PGPASSWORD='${shown}' psql -h ${server.host} -p ${server.port} -U ${user} ${database}`,
    `  aws redshift-data execute-statement --endpoint-url ${server.dataApiEndpoint} --workgroup-name local --database ${database} --sql 'select 1'`,
    '',
    s3
      ? `COPY and UNLOAD: ${s3.endpoint ?? 'Amazon S3'}`
      : 'COPY and UNLOAD: no S3 (--s3-endpoint, or AWS_ACCESS_KEY_ID)',
    ...(directory === undefined
      ? []
      : [`Certificate, for sslmode=verify-full: ${certificateFile(path.resolve(directory))}`]),
    'Ctrl-C ends it.',
  ].join('\n');
}
