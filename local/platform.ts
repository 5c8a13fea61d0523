import fs from 'node:fs';
import path from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { stop as stopBundler } from 'esbuild';
import { type Synthesis, synthesize } from '../lib/app.ts';
import type { CatalogFile } from '../lib/catalog/render.ts';
import type { Config } from '../lib/config/config.ts';
import { MillraceError } from '../lib/pipeline/error.ts';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { type Cloud, type CloudResource, startCloud } from './cloud/cloud.ts';
import type { Chaos } from './cloud/lambda/chaos.ts';
import { Assets } from './cloud/template/assets.ts';
import { connect } from './commands/sql.ts';
import { type Activity, activityOf } from './console/activity.ts';
import { catalogNow, catalogPages, type DeployedCatalog, deployedCatalog } from './console/catalog.ts';
import { createConsole } from './console/console.ts';
import { type ClientOptions, frontDoors } from './front-door.ts';
import type { FrontDoor, RunningInstance } from './running.ts';
import { collectSummary, rowsOf } from './summary/collect.ts';
import { ReceivedLedger } from './summary/received-ledger.ts';
import type { Summary } from './summary/summary.ts';
import { type WireAddress, warehouseInABox } from './warehouse.ts';

export interface PlatformOptions {
  readonly stateDirectory: string;
  /** Of the AWS endpoint and the console; 0 is any that is free. */
  readonly endpointPort: number;
  /** Of the Postgres protocol; 0 is any that is free. */
  readonly redshiftPort: number;
  /** How much shorter than on AWS waits and batching windows are. */
  readonly speed: number;
  /** Kills functions by chance. */
  readonly chaos?: Chaos | undefined;
}

/** The running stack, and what a user does with it. */
export interface Platform {
  readonly config: Config;
  readonly cloud: Cloud;
  readonly clientOptions: ClientOptions;
  readonly resourceCount: number;
  /** Title → a line to copy. */
  readonly connect: Readonly<Record<string, string>>;
  /** An output of the stack. */
  output(name: string): string;
  /** Invokes the function that lands a dataset, as `aws lambda invoke` would: an extractor pulls, an ingest lands the event. */
  invokeLanding(dataset: string, event?: object): Promise<void>;
  /** Says how many records of a source that only its owner can count were received. */
  countReceived(dataset: string, count: () => Promise<number>): void;
  /** Resolves when nothing is queued, running or due. */
  idle(): Promise<void>;
  summary(): Promise<Summary>;
  /** What the other commands need to know; doors that the template does not know are given. */
  instance(otherDoors: Readonly<Record<string, FrontDoor>>): RunningInstance;
  close(): Promise<void>;
}

/** Synthesizes the stack into the state directory, with the models of a project: this checkout's unless told otherwise. */
export async function synthesizeInto(
  config: Config,
  stateDirectory: string,
  projectDirectory?: string,
): Promise<Synthesis> {
  const outdir = path.resolve(stateDirectory, 'cdk.out');
  // The CDK never takes out assets of earlier syntheses.
  fs.rmSync(outdir, { recursive: true, force: true });
  // Checked against CloudFormation's schemas by `cdk synth` and in CI; here the runtime itself refuses what it does not know.
  const synthesis = await synthesize(config, {
    outdir,
    validate: false,
    ...(projectDirectory && { projectDirectory }),
  });
  // It has bundled the functions, and would keep half a gigabyte for as long as this process lives.
  await stopBundler();
  return synthesis;
}

/** Runs a synthesized stack in this process. */
export async function startPlatform(
  config: Config,
  synthesis: Pick<Synthesis, 'templatePath' | 'assetsDirectory'>,
  options: PlatformOptions,
  onActivity: (activity: Activity) => void = () => undefined,
): Promise<Platform> {
  const stateDirectory = path.resolve(options.stateDirectory);
  let address: WireAddress | undefined;
  let platform: RunningPlatform | undefined;
  const running = (): RunningPlatform => {
    if (platform) return platform;
    throw new MillraceError('STARTING', 'the pipeline is still starting', { retryable: true });
  };
  const console = createConsole(
    async () => ({
      stackName: running().cloud.stackName,
      summary: await running().summary(),
      connect: running().connect,
    }),
    catalogPages(() => running().catalog(synthesis.assetsDirectory)),
  );
  const show = (activity: Activity | undefined): void => {
    if (!activity) return;
    console.show(activity);
    onActivity(activity);
  };
  const cloud = await startCloud({
    ...synthesis,
    port: options.endpointPort,
    stateDirectory: path.join(stateDirectory, 'cloud'),
    speed: { waitScale: 1 / options.speed, batchingWindowScale: 1 / options.speed },
    ...(options.chaos && { chaos: options.chaos }),
    fallback: console.handle,
    onEvent: (event) => show(activityOf(event)),
    warehouse: warehouseInABox({
      port: options.redshiftPort,
      onStatement: (statement) => show(activityOf({ kind: 'statement', at: new Date().toISOString(), ...statement })),
      onOpen: (opened) => {
        address = opened;
      },
    }),
  });
  if (!address)
    throw new MillraceError('NO_WAREHOUSE', 'the template has no warehouse of its own, so there is none to run here');
  try {
    platform = new RunningPlatform(config, cloud, address, stateDirectory, () => console.close());
    return platform;
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

class RunningPlatform implements Platform {
  readonly config: Config;
  readonly cloud: Cloud;
  readonly #address: WireAddress;
  readonly #ledger: ReceivedLedger;
  readonly #doors: Readonly<Record<string, FrontDoor>>;
  readonly #onClose: () => void;

  constructor(config: Config, cloud: Cloud, address: WireAddress, stateDirectory: string, onClose: () => void) {
    this.config = config;
    this.cloud = cloud;
    this.#address = address;
    this.#onClose = onClose;
    this.#doors = frontDoors(config, cloud.outputs);
    this.#ledger = new ReceivedLedger(path.join(stateDirectory, 'received.json'), this.#doors, this.clientOptions);
  }

  get clientOptions(): ClientOptions {
    const { endpoint, region, credentials } = this.cloud;
    return { endpoint, region, credentials };
  }

  get resourceCount(): number {
    return this.cloud.resources.length;
  }

  get connect(): Record<string, string> {
    const { port, database, user, password } = this.#address;
    const { accessKeyId, secretAccessKey } = this.cloud.credentials;
    const { endpoint, region } = this.cloud;
    return {
      'SQL client': `PGPASSWORD='${password}' psql -h 127.0.0.1 -p ${port} -U ${user} ${database}`,
      'AWS endpoint': `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} aws --region ${region} --endpoint-url ${endpoint} dynamodb list-tables`,
      Console: `${endpoint}/`,
    };
  }

  output(name: string): string {
    const value = this.cloud.outputs[name];
    if (value === undefined)
      throw new MillraceError('NO_OUTPUT', `the stack ${this.cloud.stackName} has no output ${name}`);
    return value;
  }

  async invokeLanding(dataset: string, event: object = {}): Promise<void> {
    const client = new LambdaClient(this.clientOptions);
    const { physical } = landingFunction(this.cloud.resources, dataset);
    const answer = await client.send(new InvokeCommand({ FunctionName: physical.ref, Payload: JSON.stringify(event) }));
    client.destroy();
    if (!answer.FunctionError) return;
    const why = Buffer.from(answer.Payload ?? []).toString('utf8');
    throw new MillraceError('LANDING_FAILED', `the function that lands ${dataset} failed: ${why}`);
  }

  countReceived(dataset: string, count: () => Promise<number>): void {
    this.#ledger.countBy(dataset, count);
  }

  idle(): Promise<void> {
    return this.cloud.idle({ timeoutMilliseconds: 600_000 });
  }

  async summary(): Promise<Summary> {
    const warehouse = await connect(this.instance({}));
    try {
      return await collectSummary({
        config: this.config,
        clientOptions: this.clientOptions,
        lakeBucket: this.output(stackOutputs.lakeBucketName),
        stateTable: this.output(stackOutputs.stateTableName),
        warehouse,
        received: (dataset) => this.#ledger.received(dataset),
      });
    } finally {
      await warehouse.end();
    }
  }

  async catalog(assetsDirectory: string): Promise<CatalogFile[]> {
    const warehouse = await connect(this.instance({}));
    try {
      return await catalogNow(catalogOfStack(this.cloud.resources, assetsDirectory), (sql) => rowsOf(warehouse, sql));
    } finally {
      await warehouse.end();
    }
  }

  instance(otherDoors: Readonly<Record<string, FrontDoor>>): RunningInstance {
    return {
      processId: process.pid,
      ...this.clientOptions,
      redshift: this.#address,
      outputs: { ...this.cloud.outputs },
      frontDoors: { ...this.#doors, ...otherDoors },
    };
  }

  async close(): Promise<void> {
    this.#onClose();
    await this.cloud.close();
  }
}

/** What the function that writes the catalog is given: the template says so. */
function catalogOfStack(resources: readonly CloudResource[], assetsDirectory: string): DeployedCatalog {
  for (const { type, properties, physical } of resources) {
    const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
    if (type !== 'AWS::Lambda::Function' || !Variables?.MILLRACE_SITE_BUCKET) continue;
    const { S3Key } = properties.Code as { S3Key: string };
    return deployedCatalog(new Assets(assetsDirectory).folder(S3Key, physical.ref), Variables);
  }
  throw new MillraceError('NO_CATALOG', 'no function of the template writes a catalog');
}

/** The function that lands a dataset: the template says so in its environment. */
function landingFunction(resources: readonly CloudResource[], dataset: string): CloudResource {
  const found = resources.find(({ type, properties }) => {
    const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
    return type === 'AWS::Lambda::Function' && Variables?.MILLRACE_DATASET === dataset;
  });
  if (found) return found;
  throw new MillraceError('NO_FUNCTION', `no function of the template lands ${dataset}`);
}
