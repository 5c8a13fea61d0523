import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud/cloud.ts';
import type { TimedCloudEvent } from '../../local/cloud/event.ts';

type Json = Record<string, unknown>;

/** A folder as `cdk synth` leaves it: a template, an asset manifest and the bundles of functions. */
export interface StackOnDisk {
  readonly directory: string;
  readonly templatePath: string;
  readonly events: TimedCloudEvent[];
  start(options?: Partial<CloudOptions>): Promise<Cloud>;
  remove(): void;
}

const bundling: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: true,
  absWorkingDir: join(import.meta.dirname, '../..'),
  logLevel: 'error',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
};

/** Writes a stack; `functions` are TypeScript sources by asset name. */
export function writeStack(template: Json, functions: Record<string, string> = {}): StackOnDisk {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-cloud-'));
  const files: Json = {};
  for (const [name, contents] of Object.entries(functions)) {
    const outfile = join(directory, `asset.${name}`, 'index.mjs');
    mkdirSync(join(directory, `asset.${name}`));
    const stdin = {
      contents,
      loader: 'ts',
      resolveDir: join(import.meta.dirname, '../..'),
      sourcefile: `${name}.ts`,
    } as const;
    buildSync({ ...bundling, stdin, outfile });
    const destinations = { current: { bucketName: 'assets', objectKey: `${name}.zip` } };
    files[name] = { source: { path: `asset.${name}`, packaging: 'zip' }, destinations };
  }
  const templatePath = join(directory, 'Probe.template.json');
  writeFileSync(templatePath, JSON.stringify(template));
  writeFileSync(join(directory, 'Probe.assets.json'), JSON.stringify({ version: '1', files }));
  const events: TimedCloudEvent[] = [];
  return {
    directory,
    templatePath,
    events,
    start: (options = {}) =>
      startCloud({
        templatePath,
        assetsDirectory: directory,
        port: 0,
        stateDirectory: join(directory, 'state'),
        onEvent: (event) => events.push(event),
        ...options,
      }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const trust = (service: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
});

export const role = (statements: readonly Json[], service = 'lambda.amazonaws.com'): Json => ({
  Type: 'AWS::IAM::Role',
  Metadata: { 'aws:cdk:path': 'Probe/Reader/Role' },
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    ManagedPolicyArns: [
      {
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
        ],
      },
    ],
    ...(statements.length > 0 && {
      Policies: [{ PolicyName: 'grants', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    }),
  },
});

export const lambda = (asset: string, roleId: string, properties: Json = {}): Json => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: `${asset}.zip` },
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
    Runtime: 'nodejs24.x',
    Timeout: 20,
    MemorySize: 256,
    ...properties,
  },
});

/** Client options for any SDK client. */
export const clientOf = (cloud: Cloud, credentials = cloud.credentials) => ({
  endpoint: cloud.endpoint,
  region: cloud.region,
  credentials,
  maxAttempts: 1,
});
