import { join, resolve } from 'node:path';
import { httpObjectStore, type RoleCredentials } from './copy/http-object-store.ts';
import { DataApi, type DataApiOptions } from './dataapi/data-api.ts';
import { serveDataApi } from './dataapi/http.ts';
import { openRedshift } from './engine/open.ts';
import type { ObjectStore, Redshift } from './types.ts';
import type { TlsOptions } from './wire/certificate.ts';
import { serveWire } from './wire/server.ts';

export interface RedshiftServerOptions {
  /** Folder for everything that outlives the process; absent: memory. */
  readonly directory?: string;
  readonly databases: readonly string[];
  readonly admin: { readonly user: string; readonly password: string };
  readonly host?: string;
  /** Postgres protocol; 0 takes any free port. */
  readonly port?: number;
  /** Absent: a certificate of its own, kept in the folder where there is one. */
  readonly tls?: TlsOptions;
  /** Data API over HTTP; absent: none. */
  readonly dataApiPort?: number;
  readonly dataApi?: Omit<DataApiOptions, 'directory'>;
  /** Where COPY reads: a store in this process, or an S3 endpoint. */
  readonly objectStore?: ObjectStore;
  readonly s3?: { readonly endpoint?: string; readonly region?: string; readonly credentials: RoleCredentials };
  /** What `IAM_ROLE default` means. */
  readonly defaultRoleArn?: string;
}

export interface RedshiftServer {
  readonly redshift: Redshift;
  readonly host: string;
  readonly port: number;
  readonly dataApiEndpoint?: string;
  close(): Promise<void>;
}

/** The folders that are open in this process: DuckDB's own lock keeps other processes out, and lets this one in twice. */
const openFolders = new Set<string>();

function claimFolder(directory: string | undefined): () => void {
  if (directory === undefined) return () => undefined;
  const folder = resolve(directory);
  if (openFolders.has(folder)) throw new Error(`Could not set lock on ${folder}: this process has it open already`);
  openFolders.add(folder);
  return () => void openFolders.delete(folder);
}

/** Starts a Redshift of its own: the Postgres protocol on 5439, and the Data API where a port for it is given. */
export async function serveRedshift(options: RedshiftServerOptions): Promise<RedshiftServer> {
  const { directory, databases, admin, defaultRoleArn, host, port } = options;
  const tls = options.tls ?? (directory === undefined ? 'self-signed' : { keptIn: directory });
  const release = claimFolder(directory);
  const objectStore = objectStoreOf(options);
  const opening = openRedshift({ directory, databases, admin, defaultRoleArn, objectStore });
  const redshift = await opening.catch((error: unknown) => {
    release();
    throw error;
  });
  const opened: { close(): Promise<void> }[] = [{ close: async () => release() }, redshift];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    const wire = await serveWire(redshift, { host, port, tls });
    opened.push(wire);
    const api =
      options.dataApiPort === undefined ? undefined : await startDataApi(redshift, options, options.dataApiPort);
    if (api) opened.push(api);
    return { redshift, host: wire.host, port: wire.port, dataApiEndpoint: api?.endpoint, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startDataApi(
  redshift: Redshift,
  options: RedshiftServerOptions,
  port: number,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const directory = options.directory === undefined ? undefined : join(options.directory, 'data-api');
  const api = new DataApi(redshift, { temporaryUser: () => options.admin.user, ...options.dataApi, directory });
  const server = await serveDataApi(api, { host: options.host, port });
  return {
    endpoint: server.endpoint,
    close: async () => {
      await server.close();
      await api.close();
    },
  };
}

function objectStoreOf(options: RedshiftServerOptions): ObjectStore | undefined {
  if (options.objectStore || !options.s3) return options.objectStore;
  const { endpoint, region, credentials } = options.s3;
  return httpObjectStore({ endpoint, region, credentialsForRole: async () => credentials });
}
