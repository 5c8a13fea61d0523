import path from 'node:path';
import { MillraceError } from '../lib/pipeline/error.ts';
import type { OpenWarehouse, Warehouse, WarehouseNamespace } from './cloud/warehouse/port.ts';
import { DataApi } from './redshift/dataapi/data-api.ts';
import { isFinal } from './redshift/dataapi/statement-record.ts';
import { openRedshift } from './redshift/engine/open.ts';
import { serveWire } from './redshift/wire/server.ts';

/** A statement of the Data API that has ended. */
export interface EndedStatement {
  readonly id: string;
  readonly sql: string;
  readonly status: string;
  readonly error?: string;
}

/** Where the warehouse's Postgres protocol is, and as whom the administrator logs in. */
export interface WireAddress {
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface BoxOptions {
  /** Of the Postgres protocol on 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  onStatement(statement: EndedStatement): void;
  /** Told once the warehouse is reachable. */
  onOpen(address: WireAddress): void;
}

function refusePort(port: number): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new MillraceError(
      'PORT_TAKEN',
      `port ${port} is taken: end what listens there, or choose another with --redshift-port`,
    );
  };
}

async function open(namespace: WarehouseNamespace, options: BoxOptions): Promise<OpenWarehouse> {
  const { database, admin } = namespace;
  const redshift = await openRedshift({
    directory: namespace.directory,
    databases: [database],
    admin,
    objectStore: namespace.objects,
    ...(namespace.defaultRoleArn && { defaultRoleArn: namespace.defaultRoleArn }),
  });
  let active = 0;
  const dataApi = new DataApi(redshift, {
    directory: path.join(namespace.directory, 'data-api'),
    onChange: (record) => {
      if (record.status === 'SUBMITTED') active += 1;
      if (!isFinal(record.status)) return;
      active -= 1;
      options.onStatement({
        id: record.id,
        sql: record.sqls.join('; '),
        status: record.status,
        ...(record.error && { error: record.error }),
      });
    },
  });
  const wire = await serveWire(redshift, { port: options.port, tls: { keptIn: namespace.directory } }).catch(
    refusePort(options.port),
  );
  options.onOpen({ port: wire.port, database, ...admin });
  return {
    // The cloud has checked the secret already, and says which user it names.
    handleDataApi: (operation, body, identity) =>
      dataApi.handle(operation, { ...body, SecretArn: undefined, DbUser: identity.user }, { arn: identity.caller }),
    busy: () => active > 0,
    close: async () => {
      await wire.close();
      await dataApi.close();
      await redshift.close();
    },
  };
}

/** Redshift in a box as the warehouse of the local cloud, with its Postgres protocol open to clients. */
export function warehouseInABox(options: BoxOptions): Warehouse {
  return { open: (namespace) => open(namespace, options) };
}
