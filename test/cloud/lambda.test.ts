import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { clientOf, lambda, role, type StackOnDisk, writeStack } from './stack-on-disk.ts';

const sources = {
  lake: `
    import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
    const s3 = new S3Client({ maxAttempts: 1 });
    export const handler = async (event: { key: string }) => {
      await s3.send(new PutObjectCommand({ Bucket: process.env.LAKE, Key: event.key, Body: 'x' }));
      return { wrote: event.key };
    };`,
  probe: `
    import { Logger } from '@aws-lambda-powertools/logger';
    import { Metrics } from '@aws-lambda-powertools/metrics';
    import { Tracer } from '@aws-lambda-powertools/tracer';
    const logger = new Logger({ serviceName: 'probe' });
    const metrics = new Metrics({ namespace: 'Millrace', serviceName: 'probe' });
    const tracer = new Tracer();
    let count = 0;
    interface Ask { do: string }
    class OddError extends Error { override name = 'OddError'; }
    const deep = (): never => { throw new OddError('out of order'); };
    export const handler = async (event: Ask, context: any) => {
      count += 1;
      switch (event.do) {
        case 'fail': return deep();
        case 'exit': return process.exit(3);
        case 'hang': return new Promise(() => {});
        case 'crash': setTimeout(() => { throw new OddError('nobody catches'); }); return new Promise(() => {});
        case 'later': setTimeout(() => { throw new OddError('after the end'); }); return 'done';
        case 'eat': { const all: unknown[] = []; for (;;) all.push(Array.from({ length: 1e5 }, (_, i) => ({ i }))); }
        case 'huge': return 'x'.repeat(7_000_000);
        case 'tell':
          console.log('one line\\nand another');
          logger.addContext(context); logger.info('from powertools');
          metrics.addMetric('Landed', 'Count', 3); metrics.publishStoredMetrics();
          return { trace: tracer.isTracingEnabled() };
        default: return {
          count, environment: process.env, id: context.awsRequestId, name: context.functionName,
          remaining: context.getRemainingTimeInMillis(), memory: context.memoryLimitInMB, arn: context.invokedFunctionArn,
        };
      }
    };`,
  nothing: `export const other = 1;`,
};

const template = {
  Resources: {
    Lake: { Type: 'AWS::S3::Bucket', Properties: {} },
    WriterRole: role([{ Effect: 'Allow', Action: 's3:PutObject', Resource: { 'Fn::Sub': '${Lake.Arn}/raw/*' } }]),
    StrangerRole: role([]),
    Writer: lambda('lake', 'WriterRole', { Environment: { Variables: { LAKE: { Ref: 'Lake' } } } }),
    Stranger: lambda('lake', 'StrangerRole', { Environment: { Variables: { LAKE: { Ref: 'Lake' } } } }),
    Probe: lambda('probe', 'StrangerRole', {
      Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps', OWN: 'yes' } },
    }),
    Impatient: lambda('probe', 'StrangerRole', { Timeout: 1, ReservedConcurrentExecutions: 1, MemorySize: 128 }),
    Empty: lambda('nothing', 'StrangerRole'),
  },
  Outputs: { Lake: { Value: { Ref: 'Lake' } } },
};

let stack: StackOnDisk;
let cloud: Cloud;
let client: LambdaClient;

beforeAll(async () => {
  stack = writeStack(template, sources);
  cloud = await stack.start({ modules: [], speed: { waitScale: 0.0001, batchingWindowScale: 1 } });
  client = new LambdaClient(clientOf(cloud));
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
  stack.remove();
});

const nameOf = (logicalId: string) =>
  cloud.resources.find((resource) => resource.logicalId === logicalId)?.physical.ref;

async function invoke(
  logicalId: string,
  event: unknown,
  InvocationType: 'RequestResponse' | 'Event' = 'RequestResponse',
) {
  const Payload = JSON.stringify(event);
  const answer = await client.send(new InvokeCommand({ FunctionName: nameOf(logicalId), Payload, InvocationType }));
  const text = answer.Payload?.transformToString() ?? '';
  return {
    error: answer.FunctionError,
    status: answer.StatusCode,
    value: (text ? JSON.parse(text) : undefined) as unknown,
  };
}

test('a function acts with the grants of its role', async () => {
  expect(await invoke('Writer', { key: 'raw/a' })).toEqual({
    status: 200,
    error: undefined,
    value: { wrote: 'raw/a' },
  });
});

test.each([
  ['Writer', 'WriterRole', 'elsewhere/a'],
  ['Stranger', 'StrangerRole', 'raw/a'],
])('%s is denied what %s does not grant, and told the statement that is missing', async (logicalId, roleId, key) => {
  const { error, value } = await invoke(logicalId, { key });
  expect(error).toBe('Unhandled');
  const resource = `arn:aws:s3:::${cloud.outputs.Lake}/${key}`;
  const message = (value as { errorMessage: string }).errorMessage;
  const roleArn = `arn:aws:iam::000000000000:role/probe-${roleId.toLowerCase()}`;
  expect(message).toBe(
    [
      `role ${roleId} (${roleArn}) is not authorized to perform: s3:PutObject on resource: ${resource} because no identity-based or resource-based policy allows the s3:PutObject action`,
      'Missing statement:',
      `{"Effect":"Allow","Action":"s3:PutObject","Resource":"${resource}"}`,
      'The role is defined by the construct Probe/Reader/Role, in lib/stages/.',
    ].join('\n'),
  );
  expect((value as { errorType: string }).errorType).toBe('AccessDenied');
  expect(stack.events).toContainEqual(
    expect.objectContaining({ kind: 'denied', action: 's3:PutObject', resourceArn: resource }),
  );
});

test('a function sees what Lambda sets and the template sets, nothing of this process, and stays warm', async () => {
  const first = (await invoke('Probe', {})).value as {
    environment: Record<string, string>;
    count: number;
    remaining: number;
  };
  expect(first).toMatchObject({
    name: nameOf('Probe'),
    memory: '256',
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${nameOf('Probe')}`,
    environment: {
      OWN: 'yes',
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: nameOf('Probe'),
      LAMBDA_TASK_ROOT: expect.stringContaining('asset.probe'),
    },
  });
  expect(first.remaining).toBeGreaterThan(10_000);
  expect(first.environment.PATH).toBeUndefined();
  expect(((await invoke('Probe', {})).value as { count: number }).count).toBe(first.count + 1);
});

test('an error keeps its type, message and the lines of the TypeScript it came from', async () => {
  const { error, value } = await invoke('Probe', { do: 'fail' });
  expect(error).toBe('Unhandled');
  expect(value).toMatchObject({ errorType: 'OddError', errorMessage: 'out of order' });
  expect((value as { trace: string[] }).trace.join('\n')).toContain('probe.ts:');
});

test('output becomes log lines of the request, and embedded metrics become metrics', async () => {
  const before = stack.events.length;
  expect((await invoke('Probe', { do: 'tell' })).value).toEqual({ trace: false });
  const events = stack.events.slice(before);
  const lines = events.flatMap((event) => (event.kind === 'log' ? [event.line] : []));
  expect(lines).toEqual(['one line', 'and another', expect.stringContaining('from powertools')]);
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'metric',
      namespace: 'Millrace',
      name: 'Landed',
      values: [3],
      unit: 'Count',
      dimensions: { service: 'probe' },
    }),
  );
});

test.each([
  ['exit', 'Runtime.ExitError', /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/],
  ['crash', 'OddError', /nobody catches/],
  ['huge', 'Function.ResponseSizeTooLarge', /exceeded maximum allowed payload size/],
])('what ends a function is told as Lambda tells it: %s', async (what, errorType, message) => {
  expect((await invoke('Probe', { do: what })).value).toMatchObject({
    errorType,
    errorMessage: expect.stringMatching(message),
  });
  expect((await invoke('Probe', {})).error).toBeUndefined();
});

test('what a function leaves behind and that fails later, fails nobody else', async () => {
  expect((await invoke('Probe', { do: 'later' })).value).toBe('done');
  // Another function starts a thread meanwhile, which takes longer than the timer that was left behind.
  await invoke('Empty', {});
  expect((await invoke('Probe', {})).error).toBeUndefined();
});

test('a function that takes more memory than it has is ended', async () => {
  const { value } = await invoke('Probe', { do: 'eat' });
  expect(value).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringContaining('signal: killed'),
  });
});

test('a timeout ends the function; above its reserved concurrency it is throttled meanwhile', async () => {
  const hanging = invoke('Impatient', { do: 'hang' });
  const deadline = Date.now() + 5000;
  const started = () =>
    stack.events.some(
      (event) => event.kind === 'function' && event.logicalId === 'Impatient' && event.phase === 'start',
    );
  while (!started() && Date.now() < deadline) await new Promise(setImmediate);
  await expect(invoke('Impatient', {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  const { value, error } = await hanging;
  expect(error).toBe('Unhandled');
  expect(value).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
  });
});

test('a module without the handler is an error that names it', async () => {
  expect((await invoke('Empty', {})).value).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
});

test('an asynchronous event is accepted at once and retried twice', async () => {
  const before = stack.events.length;
  expect((await invoke('Probe', { do: 'fail' }, 'Event')).status).toBe(202);
  await cloud.idle();
  const ends = stack.events.slice(before).filter((event) => event.kind === 'function' && event.phase === 'end');
  expect(ends).toHaveLength(3);
});

test('the role of another may not invoke a function without a grant', async () => {
  const other = new LambdaClient(clientOf(cloud, cloud.credentialsOf('StrangerRole')));
  const denied = await other.send(new InvokeCommand({ FunctionName: nameOf('Probe') })).catch((error: Error) => error);
  expect(denied).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('lambda:InvokeFunction'),
  });
  other.destroy();
});

describe('files beside the code that are updated', () => {
  it('are read by the next invocation, in a new environment, and only where they are', async () => {
    const { taskRoot, ask } = await besideProbe();
    writeFileSync(join(taskRoot, 'models.json'), 'old');
    expect(await ask()).toBe(1);
    expect(await ask()).toBe(2);
    expect(cloud.updateFiles({ 'models.json': 'old' })).toEqual([]);
    expect(await ask()).toBe(3);
    const updated = cloud.updateFiles({ 'models.json': 'new', 'absent.json': 'x' });
    expect(updated).toContain('Probe');
    expect(updated).not.toContain('Writer');
    expect(readdirSync(taskRoot)).not.toContain('absent.json');
    expect(readFileSync(join(taskRoot, 'models.json'), 'utf8')).toBe('new');
    expect(await ask()).toBe(1);
  });
});

/** The folder of the probe's code, and how often its environment has been invoked. */
async function besideProbe() {
  const invoke = async () => {
    const answer = await client.send(new InvokeCommand({ FunctionName: nameOf('Probe'), Payload: '{"do":""}' }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as {
      count: number;
      environment: { LAMBDA_TASK_ROOT: string };
    };
  };
  // Another test may have left it warm: from here on it is a new one.
  const { LAMBDA_TASK_ROOT: taskRoot } = (await invoke()).environment;
  writeFileSync(join(taskRoot, 'fresh.json'), '');
  cloud.updateFiles({ 'fresh.json': 'fresh' });
  return { taskRoot, ask: async () => (await invoke()).count };
}
