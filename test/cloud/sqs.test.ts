import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { sqsModule as sqs } from '../../local/cloud/sqs/index.ts';
import { type MessageAttributes, md5OfAttributes } from '../../local/cloud/sqs/message-attributes.ts';
import { QueueStore } from '../../local/cloud/sqs/queue-store.ts';
import { SqsService } from '../../local/cloud/sqs/sqs-service.ts';
import { type Bench, closeBenches, openBench } from './sources-bench.ts';

afterEach(closeBenches);

async function openQueue(properties: object = {}, bench?: Bench) {
  const opened = bench ?? (await openBench({ modules: [sqs] }));
  const { physical } = await opened.create('Inbox', 'AWS::SQS::Queue', properties);
  return {
    bench: opened,
    url: physical.ref,
    arn: physical.attributes.Arn as string,
    client: new SQSClient(opened.client),
  };
}

const receive = async (client: SQSClient, QueueUrl: string, options: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...options }))).Messages ?? [];

test('a message goes in, comes out with what was attached, and is gone once deleted', async () => {
  const { client, url } = await openQueue();
  const MessageAttributes = {
    kind: { DataType: 'String', StringValue: 'x' },
    raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
  };
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'héllo 🎾', MessageAttributes }));
  const options = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] };
  const [message] = await receive(client, url, options);
  expect(message?.Body).toBe('héllo 🎾');
  expect(message?.MessageAttributes?.kind?.StringValue).toBe('x');
  expect(message?.Attributes?.ApproximateReceiveCount).toBe('1');
  expect(await receive(client, url)).toEqual([]);
  await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
});

test('a long poll returns as soon as something arrives', async () => {
  const { client, url } = await openQueue();
  const started = Date.now();
  const waiting = receive(client, url, { WaitTimeSeconds: 20 });
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'now' }));
  expect((await waiting).map((message) => message.Body)).toEqual(['now']);
  expect(Date.now() - started).toBeLessThan(5_000);
});

test('what is received too often goes to the dead-letter queue, and says so', async () => {
  const bench = await openBench({ modules: [sqs] });
  const dead = await bench.create('Dead', 'AWS::SQS::Queue', {});
  const redrive = { deadLetterTargetArn: dead.physical.attributes.Arn, maxReceiveCount: 2 };
  const { client, url } = await openQueue({ RedrivePolicy: redrive }, bench);
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'poison' }));
  for (const attempt of [1, 2])
    expect({ attempt, found: (await receive(client, url, { VisibilityTimeout: 0 })).length }).toEqual({
      attempt,
      found: 1,
    });
  expect(await receive(client, url)).toEqual([]);
  expect((await receive(client, dead.physical.ref)).map((message) => message.Body)).toEqual(['poison']);
  expect(bench.events).toContainEqual(
    expect.objectContaining({ kind: 'delivery', outcome: 'givenUp', recordCount: 1 }),
  );
});

test('batches report each entry, delays hold messages back, visibility can be given back, purge empties', async () => {
  const { client, url } = await openQueue();
  const Entries = [
    { Id: 'a', MessageBody: 'one' },
    { Id: 'b', MessageBody: 'later', DelaySeconds: 900 },
    { Id: 'c', MessageBody: '' },
  ];
  const sent = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'b']);
  expect(sent.Failed).toMatchObject([{ Id: 'c', Code: 'InvalidParameterValue' }]);
  const [first] = await receive(client, url);
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }),
  );
  const [again] = await receive(client, url);
  expect(again?.Body).toBe('one');
  await client.send(
    new DeleteMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: 'x', ReceiptHandle: again?.ReceiptHandle ?? '' }] }),
  );
  await client.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(await receive(client, url)).toEqual([]);
});

test('a role may only do what its policy says, and the refusal names the grant', async () => {
  const { bench, url, arn } = await openQueue();
  const roleArn = await bench.role('Sender', [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn }]);
  const client = new SQSClient({ ...bench.client, credentials: bench.context.identities.credentialsOf(roleArn) });
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'ok' }));
  await expect(receive(client, url)).rejects.toThrow(
    /sqs:ReceiveMessage on resource: arn:aws:sqs:us-east-1:000000000000:bench-inbox/,
  );
});

test('an unknown queue and an unknown property are errors that name them', async () => {
  const { bench, client } = await openQueue();
  await expect(client.send(new GetQueueUrlCommand({ QueueName: 'nope' }))).rejects.toThrow(
    /nope; there is bench-inbox/,
  );
  await expect(bench.create('Fifo', 'AWS::SQS::Queue', { FifoQueue: true })).rejects.toThrow(/FifoQueue/);
});

test('messages are there after a restart', async () => {
  const { bench, client, url } = await openQueue();
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'kept' }));
  await bench.close();
  const again = await openQueue({}, await openBench({ modules: [sqs], stateDirectory: bench.stateDirectory }));
  expect((await receive(again.client, again.url)).map((message) => message.Body)).toEqual(['kept']);
});

test('property: every message is delivered until it is deleted, and never while it is out of sight', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('send' as const) }),
    fc.record({
      kind: fc.constant('receive' as const),
      limit: fc.integer({ min: 1, max: 10 }),
      visibility: fc.integer({ min: 0, max: 50 }),
    }),
    fc.record({ kind: fc.constant('delete' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 0, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new QueueStore(undefined);
      const live = new Map<string, number>();
      let handles: { id: string; handle: string }[] = [];
      let now = 0;
      for (const one of steps) {
        if (one.kind === 'send')
          live.set(store.send('q', { body: 'b', attributes: {}, delayMilliseconds: 0 }, now), now);
        if (one.kind === 'wait') now += one.milliseconds;
        if (one.kind === 'receive') {
          for (const message of store.receive('q', one.limit, one.visibility, now)) {
            expect(live.get(message.messageId)).toBeLessThanOrEqual(now);
            live.set(message.messageId, now + one.visibility);
            handles = [
              ...handles.filter(({ id }) => id !== message.messageId),
              { id: message.messageId, handle: message.receiptHandle },
            ];
          }
        }
        if (one.kind === 'delete' && handles.length > 0) {
          const [gone] = handles.splice(one.pick % handles.length, 1);
          store.delete('q', gone?.handle ?? '');
          live.delete(gone?.id ?? '');
        }
      }
      const rest = store.receive('q', 1_000, 0, now + 1_000).map((message) => message.messageId);
      expect(rest.sort()).toEqual([...live.keys()].sort());
      store.close();
    }),
    { numRuns: 60 },
  );
});

test('the digest of attributes does not depend on their order', () => {
  const one: MessageAttributes = {
    a: { DataType: 'String', StringValue: '1' },
    b: { DataType: 'Number', StringValue: '2' },
  };
  expect(md5OfAttributes({ b: one.b as never, a: one.a as never })).toBe(md5OfAttributes(one));
  expect(md5OfAttributes({})).toBeUndefined();
});

test('a message far ahead is an appointment: nobody waits for it until it is due', async () => {
  let now = Date.now();
  const bench = await openBench({ modules: [sqs], now: () => now });
  const { client, url } = await openQueue({}, bench);
  const service = bench.context.services.of(SqsService);
  service.consume(service.nameOf(url));
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'later', DelaySeconds: 900 }));
  expect(bench.busyLabels()).toEqual([]);
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'soon', DelaySeconds: 60 }));
  expect(bench.busyLabels()).toHaveLength(1);

  now += 61_000;
  const [soon] = await receive(client, url);
  await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: soon?.ReceiptHandle }));
  expect(bench.busyLabels()).toEqual([]);

  now += 900_000;
  const [later] = await receive(client, url);
  expect(later?.Body).toBe('later');
  expect(bench.busyLabels()).toHaveLength(1);
});
