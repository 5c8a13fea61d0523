import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callService } from './service-error.ts';

/** A queue, as those who send to it see it. Failures are ServiceErrors. */
export interface MessageQueue {
  /** @param delaySeconds How long nobody gets to see the message; at most 900. */
  send(body: string, delaySeconds: number): Promise<void>;
}

export function sqsQueue(QueueUrl: string, client: SQSClient): MessageQueue {
  return {
    async send(MessageBody, DelaySeconds) {
      const command = new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds });
      await callService('sqs:SendMessage', QueueUrl, () => client.send(command));
    },
  };
}
