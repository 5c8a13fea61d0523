import { z } from 'zod';
import { ServiceError } from '../service.ts';
import { type Operation, operation } from '../storage/operations.ts';
import { md5OfAttributes, messageAttributes } from './message-attributes.ts';
import type { StoredMessage } from './queue-store.ts';
import type { SqsService } from './sqs-service.ts';

const queue = { QueueUrl: z.string().min(1) };
const seconds = (maximum: number) => z.number().int().min(0).max(maximum);
const names = z.array(z.string()).default([]);
const handle = { ReceiptHandle: z.string().min(1) };

const outgoing = {
  MessageBody: z.string(),
  MessageAttributes: messageAttributes.optional(),
  MessageSystemAttributes: messageAttributes.optional(),
  DelaySeconds: seconds(900).optional(),
};
const batchOf = <S extends z.ZodRawShape>(shape: S) =>
  z.object({ ...queue, Entries: z.array(z.object({ Id: z.string().min(1).max(80), ...shape })) });

const receiveInput = z.object({
  ...queue,
  MaxNumberOfMessages: z.number().int().min(1).max(10).default(1),
  WaitTimeSeconds: seconds(20).optional(),
  VisibilityTimeout: seconds(43_200).optional(),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
});

/** What the API offers; batch calls are authorized as their single forms are, as on AWS. */
export function sqsOperations(sqs: SqsService): Record<string, Operation> {
  const at = (action: string, url: string, principal: Parameters<SqsService['authorize']>[0]): string => {
    const name = sqs.nameOf(url);
    sqs.authorize(principal, action, name);
    return name;
  };
  return {
    SendMessage: operation(z.object({ ...queue, ...outgoing }), (input, principal) =>
      send(sqs, at('SendMessage', input.QueueUrl, principal), input),
    ),
    SendMessageBatch: operation(batchOf(outgoing), (input, principal) => {
      const name = at('SendMessage', input.QueueUrl, principal);
      const sizeBytes = input.Entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody), 0);
      if (sizeBytes > maximumBatchBytes) {
        throw new ServiceError('BatchRequestTooLong', `the batch has ${sizeBytes} bytes; at most ${maximumBatchBytes}`);
      }
      return each(input.Entries, (entry) => send(sqs, name, entry));
    }),
    ReceiveMessage: operation(receiveInput, (input, principal) =>
      receive(sqs, at('ReceiveMessage', input.QueueUrl, principal), input),
    ),
    DeleteMessage: operation(z.object({ ...queue, ...handle }), (input, principal) =>
      sqs.delete(at('DeleteMessage', input.QueueUrl, principal), input.ReceiptHandle),
    ),
    DeleteMessageBatch: operation(batchOf(handle), (input, principal) => {
      const name = at('DeleteMessage', input.QueueUrl, principal);
      return each(input.Entries, (entry) => sqs.delete(name, entry.ReceiptHandle));
    }),
    ...visibilityOperations(sqs, at),
    ...queueOperations(sqs, at),
  };
}

type At = (action: string, url: string, principal: Parameters<SqsService['authorize']>[0]) => string;

function visibilityOperations(sqs: SqsService, at: At): Record<string, Operation> {
  const change = { ...handle, VisibilityTimeout: seconds(43_200) };
  const hide = (name: string, input: { ReceiptHandle: string; VisibilityTimeout: number }) => {
    if (sqs.changeVisibility(name, input.ReceiptHandle, input.VisibilityTimeout)) return;
    throw new ServiceError('MessageNotInflight', 'the receipt handle is of no message in flight');
  };
  return {
    ChangeMessageVisibility: operation(z.object({ ...queue, ...change }), (input, principal) =>
      hide(at('ChangeMessageVisibility', input.QueueUrl, principal), input),
    ),
    ChangeMessageVisibilityBatch: operation(batchOf(change), (input, principal) => {
      const name = at('ChangeMessageVisibility', input.QueueUrl, principal);
      return each(input.Entries, (entry) => hide(name, entry));
    }),
  };
}

function queueOperations(sqs: SqsService, at: At): Record<string, Operation> {
  return {
    GetQueueUrl: operation(z.object({ QueueName: z.string() }), (input, principal) => {
      sqs.authorize(principal, 'GetQueueUrl', sqs.nameOf(input.QueueName));
      return { QueueUrl: sqs.urlOf(input.QueueName) };
    }),
    ListQueues: operation(z.object({ QueueNamePrefix: z.string().optional() }), (input, principal) => {
      sqs.authorize(principal, 'ListQueues');
      return { QueueUrls: sqs.names(input.QueueNamePrefix).map((name) => sqs.urlOf(name)) };
    }),
    GetQueueAttributes: operation(z.object({ ...queue, AttributeNames: names }), (input, principal) => ({
      Attributes: attributesOf(sqs, at('GetQueueAttributes', input.QueueUrl, principal), input.AttributeNames),
    })),
    PurgeQueue: operation(z.object(queue), (input, principal) =>
      sqs.purge(at('PurgeQueue', input.QueueUrl, principal)),
    ),
  };
}

/** Bytes of the bodies of one batch, and of one message. (SQS quotas since August 2025: 1 MiB.) */
const maximumBatchBytes = 1_048_576;

function send(sqs: SqsService, name: string, input: z.infer<z.ZodObject<typeof outgoing>>) {
  const { MessageBody, MessageAttributes, DelaySeconds } = input;
  return sqs.send(name, { body: MessageBody, attributes: MessageAttributes, delaySeconds: DelaySeconds });
}

async function receive(sqs: SqsService, name: string, input: z.infer<typeof receiveInput>) {
  const messages = await sqs.receive(name, {
    limit: input.MaxNumberOfMessages,
    waitSeconds: input.WaitTimeSeconds,
    visibilityTimeoutSeconds: input.VisibilityTimeout,
  });
  const system = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  return messages.length > 0 ? { Messages: messages.map((m) => rendered(m, system, input.MessageAttributeNames)) } : {};
}

function rendered(message: StoredMessage, system: readonly string[], asked: readonly string[]) {
  const attributes = pick(systemAttributes(message), system);
  const own = pick(message.attributes, asked);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5,
    Body: message.body,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(Object.keys(own).length > 0 && { MessageAttributes: own, MD5OfMessageAttributes: md5OfAttributes(own) }),
  };
}

/** What SQS says of a message by itself; the poller passes all of it to functions. */
export function systemAttributes(message: StoredMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
}

/** Attributes by name, by `All`, or by prefix (`bar.*`). */
function pick<T>(attributes: Readonly<Record<string, T>>, asked: readonly string[]): Record<string, T> {
  const wanted = (name: string) =>
    asked.some(
      (ask) =>
        ask === 'All' || ask === '.*' || ask === name || (ask.endsWith('.*') && name.startsWith(ask.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

function attributesOf(sqs: SqsService, name: string, asked: readonly string[]): Record<string, string> {
  const settings = sqs.settings(name);
  const counts = sqs.counts(name);
  const all = {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    ...(settings.redrive && { RedrivePolicy: JSON.stringify(settings.redrive) }),
  };
  return pick(all, asked);
}

/** Runs each entry of a batch by itself: what fails is reported, the rest goes through. */
function each<E extends { Id: string }>(entries: readonly E[], work: (entry: E) => unknown) {
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequest', 'the batch has no entries');
  if (entries.length > 10)
    throw new ServiceError('TooManyEntriesInBatchRequest', `${entries.length} entries; at most 10`);
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new ServiceError('BatchEntryIdsNotDistinct', 'two entries have the same Id');
  }
  const Successful: unknown[] = [];
  const Failed: unknown[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(work(entry) as object | undefined) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
