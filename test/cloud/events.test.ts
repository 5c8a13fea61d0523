import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { eventsModule } from '../../local/cloud/events/index.ts';
import { compilePattern } from '../../local/cloud/events/pattern.ts';
import { sqsModule } from '../../local/cloud/sqs/index.ts';
import { type Bench, closeBenches, openBench } from './sources-bench.ts';

afterEach(closeBenches);

const created = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: ['arn:aws:s3:::lake'],
  detail: { bucket: { name: 'lake' }, object: { key: 'raw/brackets/x.zst', size: 120, etag: null }, tags: ['a', 'b'] },
};

test.each<[string, object, boolean]>([
  ['exact', { source: ['aws.s3', 'x'], 'detail-type': ['Object Created'] }, true],
  ['another source', { source: ['aws.states'] }, false],
  ['prefix', { detail: { object: { key: [{ prefix: 'raw/' }] } } }, true],
  ['prefix, wrong case', { detail: { object: { key: [{ prefix: 'RAW/' }] } } }, false],
  ['prefix, any case', { detail: { object: { key: [{ prefix: { 'equals-ignore-case': 'RAW/' } }] } } }, true],
  ['suffix', { detail: { object: { key: [{ suffix: '.zst' }] } } }, true],
  ['anything-but, equal', { detail: { bucket: { name: [{ 'anything-but': 'lake' }] } } }, false],
  ['anything-but, list', { detail: { bucket: { name: [{ 'anything-but': ['a', 'b'] }] } } }, true],
  ['anything-but, prefix', { detail: { object: { key: [{ 'anything-but': { prefix: ['raw/', 'x'] } }] } } }, false],
  ['anything-but, absent field', { detail: { nothing: [{ 'anything-but': 'x' }] } }, false],
  ['exists', { detail: { object: { size: [{ exists: true }] } } }, true],
  ['exists, absent', { detail: { object: { version: [{ exists: false }] } } }, true],
  ['null', { detail: { object: { etag: [null] } } }, true],
  ['null is not absent', { detail: { object: { version: [null] } } }, false],
  ['numeric', { detail: { object: { size: [{ numeric: ['>', 100, '<=', 120] }] } } }, true],
  ['numeric, outside', { detail: { object: { size: [{ numeric: ['<', 100] }] } } }, false],
  ['wildcard', { detail: { object: { key: [{ wildcard: 'raw/*/x.*' }] } } }, true],
  ['wildcard, no match', { detail: { object: { key: [{ wildcard: 'quarantine/*' }] } } }, false],
  ['wildcard, escaped star', { detail: { object: { key: [{ wildcard: 'raw/\\*' }] } } }, false],
  ['equals-ignore-case', { detail: { bucket: { name: [{ 'equals-ignore-case': 'LAKE' }] } } }, true],
  ['an element of an array', { resources: [{ suffix: ':lake' }], detail: { tags: ['b'] } }, true],
  ['$or', { $or: [{ source: ['x'] }, { detail: { object: { size: [120] } } }] }, true],
  ['$or, none', { $or: [{ source: ['x'] }, { source: ['y'] }] }, false],
])('pattern: %s', (_name, pattern, expected) => {
  expect(compilePattern(pattern)(created)).toBe(expected);
});

test.each([
  [{ source: [{ cidr: '10.0.0.0/8' }] }, /EventPattern\.source: \{"cidr":"10\.0\.0\.0\/8"\} is not understood/],
  [{ source: 'aws.s3' }, /EventPattern\.source/],
  [{ detail: { size: [{ numeric: ['~', 1] }] } }, /EventPattern\.detail\.size/],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }, /one at a time/],
  [{ $or: [{ source: ['x'] }] }, /at least two/],
  [{}, /empty pattern/],
])('a pattern that is not understood is refused: %j', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});

test('property: a prefix and anything-but that prefix never agree on text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, prefix) => {
      const event = { field: value };
      const matches = compilePattern({ field: [{ prefix }] })(event);
      expect(compilePattern({ field: [{ 'anything-but': { prefix } }] })(event)).toBe(!matches);
      expect(matches).toBe(value.startsWith(prefix));
    }),
  );
});

async function openRule(statement: object | undefined, targets: (queueArn: string, deadArn: string) => object[]) {
  const bench = await openBench({ modules: [sqsModule, eventsModule] });
  const queue = await bench.create('Inbox', 'AWS::SQS::Queue', {});
  const dead = await bench.create('Dead', 'AWS::SQS::Queue', {});
  const [arn, deadArn] = [queue, dead].map(({ physical }) => physical.attributes.Arn as string) as [string, string];
  const EventPattern = { source: ['demo'], detail: { kind: ['yes'] } };
  await bench.create('Rule', 'AWS::Events::Rule', { EventPattern, Targets: targets(arn, deadArn) });
  for (const [index, one] of [queue, dead].entries()) {
    const ours = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: one.physical.attributes.Arn,
    };
    const Statement = index === 0 ? (statement ? [{ ...ours, ...statement }] : []) : [ours];
    const PolicyDocument = { Version: '2012-10-17', Statement };
    if (Statement.length > 0)
      await bench.create(`Policy${index}`, 'AWS::SQS::QueuePolicy', { PolicyDocument, Queues: [one.physical.ref] });
  }
  return { bench, queue: queue.physical.ref, dead: dead.physical.ref, events: new EventBridgeClient(bench.client) };
}

const put = (events: EventBridgeClient, kind: string) =>
  events.send(
    new PutEventsCommand({ Entries: [{ Source: 'demo', DetailType: 'Test', Detail: JSON.stringify({ kind }) }] }),
  );

async function messages(bench: Bench, QueueUrl: string) {
  const sqs = new SQSClient(bench.client);
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

test('an event that matches reaches the queue, whose policy must let this rule in', async () => {
  const ruleArn = 'arn:aws:events:us-east-1:000000000000:rule/bench-rule';
  const condition = { Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } } };
  const { bench, queue, events } = await openRule(condition, (arn) => [{ Id: 'a', Arn: arn }]);
  expect((await put(events, 'yes')).FailedEntryCount).toBe(0);
  await put(events, 'no');
  const [message, ...more] = await messages(bench, queue);
  expect(more).toEqual([]);
  expect(JSON.parse(message?.Body ?? '')).toMatchObject({
    version: '0',
    source: 'demo',
    'detail-type': 'Test',
    account: '000000000000',
    detail: { kind: 'yes' },
  });
});

test('without the grant the event goes to the dead letters with the reason, and the denial is told', async () => {
  const { bench, queue, dead, events } = await openRule(undefined, (Arn, deadArn) => [
    { Id: 'a', Arn, DeadLetterConfig: { Arn: deadArn } },
  ]);
  await put(events, 'yes');
  expect(await messages(bench, queue)).toEqual([]);
  const [message] = await messages(bench, dead);
  expect(message?.MessageAttributes?.ERROR_CODE?.StringValue).toBe('AccessDeniedException');
  expect(bench.events).toContainEqual(
    expect.objectContaining({ kind: 'delivery', outcome: 'denied', from: 'bench-rule' }),
  );
  expect(bench.events).toContainEqual(expect.objectContaining({ kind: 'denied', action: 'sqs:SendMessage' }));
});

test('events that cannot be are refused one by one', async () => {
  const { events } = await openRule({}, (Arn) => [{ Id: 'a', Arn }]);
  const Entries = [
    { Source: 'demo', DetailType: 'T', Detail: '[1]' },
    { Source: 'aws.s3', DetailType: 'T', Detail: '{}' },
    { Source: 'demo', DetailType: 'T', Detail: '{}' },
  ];
  const answer = await events.send(new PutEventsCommand({ Entries }));
  expect(answer.FailedEntryCount).toBe(2);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    undefined,
  ]);
});

test('a target that does not exist here is refused by name', async () => {
  const opened = openRule({}, () => [{ Id: 'a', Arn: 'arn:aws:sns:us-east-1:000000000000:topic' }]);
  await expect(opened).rejects.toThrow(/arn:aws:sns:us-east-1:000000000000:topic is of sns/);
});
