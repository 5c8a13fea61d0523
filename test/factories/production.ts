import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { connectOperator } from '../../local/commands/operator.ts';
import { buildModels } from '../../local/desk/build-models.ts';
import { isBuilt } from '../../local/desk/build-text.ts';
import { readProject } from '../../local/desk/project.ts';
import { openDeskWarehouse, prepareDatabase, surroundingsOf } from '../../local/desk/warehouse.ts';
import { loadConfig } from '../../local/load-config.ts';
import { type RedshiftServer, serveRedshift } from '../../local/redshift/server.ts';
import type { Session } from '../../local/redshift/types.ts';
import { announce } from '../../local/running.ts';
import { type StateLock, takeStateDirectory } from '../../local/state-directory.ts';

const admin = { user: 'admin', password: 'secret' };

const config = `export default {
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
  },
};
`;

/**
 * A project's folder, and a warehouse behind the real Data API that commands find as that of a running pipeline. Production is
 * built there as the refresh builds it.
 */
export class Production {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-production-'));
  readonly #server: RedshiftServer;
  readonly #lock: StateLock;
  #generation = 0;

  private constructor(server: RedshiftServer) {
    this.#server = server;
    this.#lock = takeStateDirectory(this.stateDirectory, false);
    announce(this.stateDirectory, {
      processId: process.pid,
      endpoint: server.dataApiEndpoint ?? '',
      region: 'us-east-1',
      credentials: { accessKeyId: 'me', secretAccessKey: 'secret' },
      redshift: { port: server.port, database: 'prod', ...admin },
      outputs: {
        [stackOutputs.database]: 'prod',
        [stackOutputs.adminSecretArn]: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:admin',
        [stackOutputs.workgroupName]: 'tournaments',
      },
      frontDoors: {},
    });
    this.write('millrace.config.ts', config);
  }

  static async open(): Promise<Production> {
    const dataApi = { credentials: async () => ({ user: admin.user }) };
    const server = await serveRedshift({ databases: ['prod'], admin, port: 0, dataApiPort: 0, dataApi });
    return new Production(server);
  }

  get stateDirectory(): string {
    return path.join(this.directory, '.millrace');
  }

  write(name: string, text: string): void {
    const file = path.join(this.directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  /** `sql/models/mart/<name>.sql`, or the schema's that the name begins with. */
  writeModel(name: string, query: string, header = ''): void {
    this.write(`sql/models/${name.replace('.', '/')}.sql`, `-- owner: me\n-- description: One\n${header}${query}\n`);
  }

  /** Makes what the project needs, loads rows with `load`, and publishes every model. */
  async publish(load: readonly string[] = []): Promise<void> {
    const project = await readProject(await loadConfig(this.directory), this.directory);
    const surroundings = surroundingsOf(project);
    const warehouse = openDeskWarehouse(await connectOperator({ stateDirectory: this.stateDirectory }));
    this.#generation += 1;
    await prepareDatabase(surroundings, warehouse, `main-${this.#generation}`, undefined);
    for (const statement of load) await this.rows(statement);
    const plan = { models: project.models, surroundings, generation: this.#generation };
    const built = await buildModels(plan, warehouse.batches);
    warehouse.close();
    if (!built.every(isBuilt)) throw new Error(JSON.stringify(built));
  }

  /** The rows of a statement, in production's database unless another is named. */
  async rows(sql: string, database = 'prod'): Promise<ResultRows> {
    const session = await this.session(database);
    try {
      return ((await session.execute(sql)).at(-1)?.rows ?? []).map((row) => [...row]);
    } finally {
      await session.close();
    }
  }

  /** A session that somebody has open in a database. */
  session(database: string): Promise<Session> {
    return this.#server.redshift.session({ database, user: admin.user });
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.#lock.release();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
