import type { Template } from '../../lib/app.ts';
import { type FunctionKind, readEnvironment } from '../../lib/pipeline/environment.ts';
import demo from '../../millrace.config.ts';
import { openStack, removeFolders, type TestStack } from './synthesis.ts';
import { grantLines, type Properties, resourcesOf, roleStatements, type Statement } from './template.ts';

let opened: TestStack;
let template: Template;

beforeAll(async () => {
  opened = await openStack(demo);
  template = opened.template();
});
afterAll(removeFolders);

describe('the template', () => {
  it('is made of few and plain resources, none of which runs code at deploy time', () => {
    expect([...new Set(Object.values(template.Resources).map(({ Type }) => Type))].toSorted()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::Table',
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::Kinesis::Stream',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::RedshiftServerless::Namespace',
      'AWS::RedshiftServerless::Workgroup',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::Scheduler::Schedule',
      'AWS::SecretsManager::Secret',
      'AWS::StepFunctions::StateMachine',
    ]);
    expect(Object.keys(template).toSorted()).toEqual(['Description', 'Outputs', 'Resources']); // no parameters, no conditions
  });

  it('says where to put records and where to look', () => {
    expect(Object.keys(template.Outputs).toSorted()).toEqual([
      'AdminSecretArn',
      'AppLogsStreamName',
      'BracketsTableName',
      'Database',
      'FillStateMachineArn',
      'LakeBucketName',
      'OrganizersSecretArn',
      'ReconcileStateMachineArn',
      'RefreshStateMachineArn',
      'ReloadStateMachineArn',
      'RepairStateMachineArn',
      'ReplayFunctionName',
      'SiteBucketName',
      'StateTableName',
      'WorkgroupName',
    ]);
  });

  it('keeps what holds data when the stack goes', () => {
    const keeps = Object.entries(template.Resources).filter(
      ([, one]) => 'DeletionPolicy' in one && one.DeletionPolicy === 'Retain',
    );
    expect(keeps.map(([, { Type }]) => Type).toSorted()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::DynamoDB::Table',
      'AWS::RedshiftServerless::Namespace',
      'AWS::S3::Bucket',
      'AWS::S3::Bucket', // CloudFormation deletes no bucket that has something in it
      'AWS::SecretsManager::Secret', // the only key to the namespace
    ]);
  });
});

describe('the lake', () => {
  it('is private, encrypted and versioned, and tells EventBridge about its objects', () => {
    const [[, bucket]] = resourcesOf(template, 'AWS::S3::Bucket') as [[string, Properties]];
    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('lets every prefix expire', () => {
    const [[, bucket]] = resourcesOf(template, 'AWS::S3::Bucket') as [[string, Properties]];
    const { Rules } = bucket.LifecycleConfiguration as { Rules: { Prefix?: string; ExpirationInDays?: number }[] };
    expect(
      Object.fromEntries(Rules.flatMap(({ Prefix, ExpirationInDays }) => (Prefix ? [[Prefix, ExpirationInDays]] : []))),
    ).toEqual({
      'raw/': 400,
      'quarantine/': 90,
      'aws/lambda/': 90,
      'dropped/': 90,
      'manifests/': 30,
      'exports/': 30,
    });
  });

  it('and the queues refuse what does not come by TLS', () => {
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'].flatMap((type) => resourcesOf(template, type));
    expect(policies).toHaveLength(4);
    for (const [, { PolicyDocument }] of policies) {
      expect((PolicyDocument as { Statement: Statement[] }).Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: expect.stringMatching(/^(s3|sqs):\*$/),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });
});

describe('the catalog', () => {
  it('has a private, encrypted bucket of its own', () => {
    const buckets = Object.fromEntries(resourcesOf(template, 'AWS::S3::Bucket'));
    expect(buckets.CatalogSite).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it('is written when a refresh has ended well, and by nothing else: no schedule, no poll', () => {
    const rules = Object.fromEntries(resourcesOf(template, 'AWS::Events::Rule'));
    expect(rules.CatalogRefreshEnded).toMatchObject({
      EventPattern: { detail: { stateMachineArn: ['<RefreshStateMachine>'], status: ['SUCCEEDED'] } },
      Targets: [{ Arn: '<CatalogWriter.Arn>' }],
    });
    expect(resourcesOf(template, 'AWS::Lambda::Permission')).toEqual([
      [
        'CatalogRefreshEndedMayInvoke',
        {
          Action: 'lambda:InvokeFunction',
          FunctionName: '<CatalogWriter.Arn>',
          Principal: 'events.amazonaws.com',
          SourceArn: '<CatalogRefreshEnded.Arn>',
        },
      ],
    ]);
  });
});

describe('the streams', () => {
  it('are read in batches, from the beginning, with bounded retries, and what is given up is kept', () => {
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').filter(([name]) =>
      name.startsWith('Ingest'),
    );
    expect(mappings.map(([, { EventSourceArn }]) => EventSourceArn)).toEqual([
      '<SourcesBrackets.StreamArn>',
      '<SourcesAppLogs.Arn>',
    ]);
    for (const [, mapping] of mappings) {
      expect(mapping).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 5,
        ParallelizationFactor: 1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: 10,
        MaximumRecordAgeInSeconds: 21_600,
        DestinationConfig: { OnFailure: { Destination: '<LakeBucket.Arn>' } },
      });
    }
  });

  it('tell people what Lambda gave up: it becomes a dead letter', () => {
    const rules = Object.fromEntries(resourcesOf(template, 'AWS::Events::Rule'));
    expect(rules.ArrivalsBatchGivenUp).toMatchObject({
      EventPattern: { detail: { bucket: { name: ['<LakeBucket>'] }, object: { key: [{ prefix: 'aws/lambda/' }] } } },
      Targets: [{ Arn: '<ArrivalsDeadLetters.Arn>' }],
    });
  });

  it('and the queue give a message its time: six times the function, then five tries, then the dead letters', () => {
    const queues = Object.fromEntries(resourcesOf(template, 'AWS::SQS::Queue'));
    expect(queues.ArrivalsQueue).toMatchObject({
      VisibilityTimeout: 180,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: '<ArrivalsDeadLetters.Arn>', maxReceiveCount: 5 },
    });
    expect(queues.ArrivalsDeadLetters).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
    });
  });
});

describe('the functions', () => {
  const kindOf = (name: string): FunctionKind =>
    name === 'RefreshMend'
      ? 'mend'
      : (/^(Ingest|Extract|Register|Refresh|Reload|Replay|Fill|Reconcile|Repair|Catalog)/
          .exec(name)?.[0]
          .toLowerCase() as FunctionKind);

  it('find the environment their handlers read', () => {
    for (const [name, { Environment }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      const { Variables } = Environment as { Variables: Record<string, string> };
      expect(readEnvironment(kindOf(name), Variables)).toBeTruthy();
      expect(Variables).toMatchObject({
        POWERTOOLS_SERVICE_NAME: 'tournaments-prod',
        POWERTOOLS_METRICS_NAMESPACE: 'Millrace',
        NODE_OPTIONS: '--enable-source-maps',
      });
    }
  });

  it('have an environment that does not grow with the datasets: Lambda takes 4 KB', async () => {
    const [name, dataset] = Object.entries(demo.datasets)[0] ?? [];
    if (!name || !dataset) throw new Error('the demo has no datasets');
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${name}_of_team_${n}`, dataset]));
    const large = (await openStack({ ...demo, datasets: many })).template();
    const lengths = resourcesOf(large, 'AWS::Lambda::Function').map(
      ([, { Environment }]) => JSON.stringify(Environment).length,
    );
    expect(Math.max(...lengths)).toBeLessThan(2_000);
  });

  it('run on Node 24 on arm64, traced, each with a log group that forgets', () => {
    const groups = Object.fromEntries(resourcesOf(template, 'AWS::Logs::LogGroup'));
    for (const [name, properties] of resourcesOf(template, 'AWS::Lambda::Function')) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: `<${name}Logs>` },
      });
      expect(groups[`${name}Logs`]).toMatchObject({
        RetentionInDays: 30,
        LogGroupName: expect.stringMatching(/^\/millrace\/tournaments-prod\//),
      });
    }
  });
});

describe('the grants', () => {
  it('are these, and a wider one shows here', () => {
    expect(`\n${grantLines(template).join('\n')}\n`).toMatchSnapshot();
  });

  it('name a resource wherever AWS lets them', () => {
    const open = roleStatements(template).flatMap(([, statements]) =>
      statements.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => Action),
    );
    expect([...new Set(open)].toSorted()).toEqual([
      // Delivery of logs is set up for the account.
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      // A statement is asked for by its id and is no resource.
      'redshift-data:DescribeStatement',
      'redshift-data:GetStatementResult',
      // Neither is a segment, nor a rule of sampling.
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('name no action with a wildcard, and no managed policy', () => {
    expect(grantLines(template).filter((line) => line.split('  ')[1]?.includes('*'))).toEqual([]);
    expect(resourcesOf(template, 'AWS::IAM::Role').filter(([, role]) => role.ManagedPolicyArns)).toEqual([]);
  });
});

describe('the alarms', () => {
  it('say what is wrong, whose it is and what to do', () => {
    const descriptions = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, alarm]) =>
      String(alarm.AlarmDescription),
    );
    expect(descriptions).toHaveLength(23);
    for (const description of descriptions) expect(description).toMatch(/^.+\.\nOwner: .+\.\nWhat to do: .+\.$/);
  });

  it('tell the owner of each dataset when it is late, and of each model when it is not published', () => {
    const alarms = Object.fromEntries(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
    expect(alarms.ObserveBracketsLate).toMatchObject({
      AlarmDescription: expect.stringMatching(/^brackets is late: .*\nOwner: tournament-team\./),
      MetricName: 'FreshnessSeconds',
      Dimensions: [
        { Name: 'dataset', Value: 'brackets' },
        { Name: 'service', Value: 'tournaments-prod' },
      ],
      Threshold: 180,
      TreatMissingData: 'notBreaching',
    });
    expect(alarms.ObserveMartDailyKpiNotPublished).toMatchObject({
      AlarmDescription: expect.stringMatching(/^mart\.daily_kpi was not published: .*\nOwner: platform-team\./),
      MetricName: 'ModelFailures',
    });
    expect(alarms.ObserveOrganizersNotPulled?.AlarmDescription).toContain('Owner: partnerships-team');
  });
});

describe('the checks', () => {
  it('leave nothing unexplained: every finding of the AWS Solutions rules that was accepted has its reason', () => {
    const reports = opened.report().pluginReports;
    expect(reports.map(({ conclusion, violations }) => ({ conclusion, violations }))).toEqual([
      { conclusion: 'success', violations: [] },
    ]);
    const accepted = reports.flatMap(({ suppressedViolations }) => suppressedViolations ?? []);
    expect(new Set(accepted.map(({ ruleName }) => ruleName.split('[')[0]))).toEqual(
      new Set(['AwsSolutions-IAM5', 'AwsSolutions-S1', 'AwsSolutions-SMG4']),
    );
    for (const { reason } of accepted) expect(reason).toMatch(/^.{40,}$/);
  });
});
