import * as z from 'zod';
import { codecs, datasetNamePattern } from '../pipeline/names.ts';
import { kinds, section } from './issues.ts';
import { source } from './source.ts';

const text = (mend: string) => z.string(mend).min(1, mend);
const whole = (what: string, least: number, most: number) => {
  const mend = `write a whole number of ${what}, from ${least} to ${most}`;
  return z.int(mend).min(least, mend).max(most, mend);
};
const roleArn = z
  .string("write the role's ARN, such as 'arn:aws:iam::111122223333:role/copy'")
  .regex(/^arn:[a-z0-9-]+:iam::/, "write the role's ARN, such as 'arn:aws:iam::111122223333:role/copy'");
const secretArn = z
  .string("write the secret's ARN, such as 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:warehouse-AbCdEf'")
  .regex(
    /^arn:[a-z0-9-]+:secretsmanager:/,
    "write the secret's ARN, such as 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:warehouse-AbCdEf'",
  );

/** Redshift Serverless takes 4, then multiples of 8 up to 512, then 1024. */
const capacities = 'write 4, a multiple of 8 up to 512, or 1024';
const capacity = z
  .int(capacities)
  .refine((units) => units === 4 || units === 1024 || (units >= 8 && units <= 512 && units % 8 === 0), capacities);

/** The database is named after the environment; it must exist, and loads side by side want it at ISOLATION LEVEL SNAPSHOT. */
const connection = {
  /** Secret with the `username` and `password` of a database user who may create schemas. */
  secretArn,
  /** Role, attached to the warehouse, that may read `raw/` and `manifests/` of the lake. */
  copyRoleArn: roleArn,
};

const serverless = section(
  {
    /** A Redshift Serverless namespace and workgroup of its own. */
    kind: z.literal('serverless'),
    /** Redshift Processing Units while a query runs; nothing is billed between queries. */
    baseCapacity: capacity.default(8),
    /** Subnets of the workgroup; the default VPC's where left out. */
    subnetIds: z
      .array(text("write a subnet's id, such as 'subnet-0abc'"))
      .min(1, 'write at least one subnet, or leave it out')
      .optional(),
    /** Security groups of the workgroup; the default one where left out. */
    securityGroupIds: z
      .array(text("write a security group's id, such as 'sg-0abc'"))
      .min(1, 'write at least one security group, or leave it out')
      .optional(),
  },
  "write warehouse: { kind: 'serverless' }",
);

const existingWorkgroup = section(
  {
    /** A Redshift Serverless workgroup you have. */
    kind: z.literal('existing-workgroup'),
    /** Its name. */
    workgroupName: text('write the name of the workgroup'),
    /** Its ARN: it ends in an id, not in the name, and the roles name exactly it. */
    workgroupArn: z
      .string("write the workgroup's ARN: aws redshift-serverless get-workgroup --workgroup-name …")
      .regex(
        /^arn:[a-z0-9-]+:redshift-serverless:.*:workgroup\//,
        "write the workgroup's ARN: aws redshift-serverless get-workgroup --workgroup-name …",
      ),
    ...connection,
  },
  "write warehouse: { kind: 'existing-workgroup', workgroupName, workgroupArn, secretArn, copyRoleArn }",
);

const existingCluster = section(
  {
    /** A provisioned Redshift cluster you have. */
    kind: z.literal('existing-cluster'),
    /** Its identifier. */
    clusterIdentifier: text('write the identifier of the cluster'),
    ...connection,
  },
  "write warehouse: { kind: 'existing-cluster', clusterIdentifier, secretArn, copyRoleArn }",
);

const lake = section(
  {
    /** How objects are compressed: zstd costs an eighth of gzip's CPU at the same size. */
    codec: z.enum(codecs, `write one of ${codecs.join(', ')}`).default('zstd'),
    /** Days that loaded objects stay, to load them again from. */
    rawRetentionDays: whole('days', 1, 36_500).default(400),
    /** Days that rejected records stay, to mend and replay them. */
    quarantineRetentionDays: whole('days', 1, 36_500).default(90),
  },
  'write lake: {} to take the defaults',
);

const alarms = section(
  {
    /** An SNS topic that alarms go to. */
    topicArn: z
      .string("write the topic's ARN, such as 'arn:aws:sns:eu-west-1:111122223333:alarms'")
      .regex(/^arn:[a-z0-9-]+:sns:/, "write the topic's ARN, such as 'arn:aws:sns:eu-west-1:111122223333:alarms'")
      .optional(),
    /** An address that alarms go to, through a topic that the stack makes; it must confirm the subscription. */
    email: z.email("write an address, such as 'data@example.com'").optional(),
    /** A dataset is late after this many times its freshness. */
    lateAfterFreshnessTimes: z.number('write a number, from 1').min(1, 'write a number, from 1').default(3),
    /** A stream is falling behind when its oldest unread record is this old. */
    iteratorAgeSeconds: whole('seconds', 1, 86_400).default(300),
    /** This many quarantined records in five minutes are worth waking somebody. */
    quarantinedRecords: whole('records', 1, 1_000_000).default(1),
  },
  "write alarms: { email: '…' } or { topicArn: '…' }",
).refine((chosen) => !(chosen.topicArn && chosen.email), 'write topicArn or email, not both');

/** Keys that a reconciliation samples where nobody names a number. */
export const defaultSampledKeys = 1_000;

const reconcile = section(
  {
    /** Hours between two comparisons. Each reads the whole source once: half a read unit for 4 KB. */
    everyHours: whole('hours', 1, 720),
    /** About how many keys of the source, and as many of `latest`, are compared value by value. */
    sampledKeys: whole('keys', 1, 10_000).default(defaultSampledKeys),
  },
  'write reconcile: { everyHours: 24 }, or leave it out',
);

/** Why a source cannot be counted, and what to do. */
const uncountable = {
  kinesis: "take it out: only a DynamoDB table can be counted ({ kind: 'dynamodb' }); a stream forgets its records",
  rest: "take it out: only a DynamoDB table can be counted ({ kind: 'dynamodb' }); this API is only asked for what has changed",
} as const;

const dataset = section(
  {
    /** The team that is told when this is late; alarms and the dashboard name it. */
    owner: text("write the team to tell when this is late, such as 'tournament-team'"),
    /** How old the warehouse's copy may be, in seconds. The tightest one pending decides when a refresh starts. */
    freshnessSeconds: whole('seconds', 1, 86_400),
    /** Where the records come from. */
    source,
    /** How often the source is counted and compared with `latest`; never where left out. Only for DynamoDB tables. */
    reconcile: reconcile.optional(),
  },
  'write { owner, freshnessSeconds, source }',
).superRefine((chosen, context) => {
  if (chosen.reconcile && chosen.source.kind !== 'dynamodb') {
    context.addIssue({ code: 'custom', path: ['reconcile'], message: uncountable[chosen.source.kind] });
  }
  const { source: from, freshnessSeconds } = chosen;
  if (from.kind !== 'rest' || freshnessSeconds >= from.everyMinutes * 60) return;
  context.addIssue({
    code: 'custom',
    path: ['freshnessSeconds'],
    message: `write ${from.everyMinutes * 60} or more, or pull more often: a pull every ${from.everyMinutes} minutes cannot keep this promise`,
  });
});

const datasetName = z
  .string()
  .regex(datasetNamePattern, 'write a name of lower-case letters, digits and _, starting with a letter, at most 63');
const schemaName = z
  .string('write the name of a schema')
  .regex(/^[a-z][a-z0-9_]{0,126}$/, 'write a name of lower-case letters, digits and _, starting with a letter');

/** Resources and outputs are named after datasets, without underscores: two names must differ in more than those. */
function nameApart(all: Record<string, unknown>, context: z.RefinementCtx): void {
  const bare = (name: string) => name.replaceAll('_', '');
  const names = Object.keys(all);
  for (const [index, name] of names.entries()) {
    const twin = names.slice(0, index).find((other) => bare(other) === bare(name));
    if (twin)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `write a name that differs from ${twin} in more than _`,
      });
  }
}

/** Everything Millrace needs to be told: what to ingest, how fresh, who owns it, who may read it. */
export const configuration = section(
  {
    /** Names the stack and what is in it. */
    name: z
      .string('write a name, such as tournaments')
      .regex(/^[a-z][a-z0-9-]{1,20}$/, 'write 2 to 21 lower-case letters, digits and -, starting with a letter'),
    /** The database that is written to: one environment, one database. `cdk … -c environment=dev` overrides it. */
    environment: z
      .string('write the name of a database, such as prod')
      .regex(/^[a-z][a-z0-9_]{0,30}$/, 'write 1 to 31 lower-case letters, digits and _, starting with a letter')
      .refine(
        (name) => !name.startsWith('template') && name !== 'padb_harvest',
        'write another name: Redshift keeps this one for itself',
      ),
    /** Where the data is queried. */
    warehouse: kinds(
      ['serverless', 'existing-workgroup', 'existing-cluster'],
      [serverless, existingWorkgroup, existingCluster],
    ),
    /** The S3 bucket between the sources and the warehouse. */
    lake: lake.prefault({}),
    /** Who is told, and when. */
    alarms: alarms.prefault({}),
    /** Database roles that may read, by name, and the schemas each may read. */
    readers: z
      .record(
        schemaName,
        section(
          {
            /** Schemas it may read. */ schemas: z
              .array(schemaName, "write schemas: ['mart']")
              .min(1, "write schemas: ['mart']"),
          },
          "write { schemas: ['mart'] }",
        ),
        'write readers: {} or readers: { analysts: { schemas: […] } }',
      )
      .default({}),
    /** What to ingest, by the name of its tables: `raw.<name>` and `latest.<name>`. */
    datasets: z
      .record(datasetName, dataset, 'write datasets: { <name>: { owner, freshnessSeconds, source } }')
      .refine((all) => Object.keys(all).length > 0, 'write at least one dataset')
      .superRefine(nameApart),
  },
  'write export default defineConfig({ … })',
);

/** A configuration as it is written. */
export type ConfigInput = z.input<typeof configuration>;
/** A configuration with its defaults filled in. */
export type Config = z.infer<typeof configuration>;
export type Dataset = Config['datasets'][string];
export type Warehouse = Config['warehouse'];
