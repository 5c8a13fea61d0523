import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { type ClientOptions, putItems, putRecords } from '../front-door.ts';
import { type BracketChange, bracketChanges, logRecords } from './tournaments.ts';

/** Makes one change to the brackets table, as the platform's backend would. */
async function applyChange(client: DynamoDBClient, tableName: string, change: BracketChange): Promise<void> {
  if (change.kind === 'put') return putItems(client, tableName, [change.itemText]);
  const target = { TableName: tableName, Key: { tournamentId: { S: change.tournamentId } } };
  if (change.kind === 'delete') {
    await client.send(new DeleteItemCommand(target));
  } else if (change.kind === 'finish') {
    await client.send(
      new UpdateItemCommand({
        ...target,
        UpdateExpression: 'SET #status = :status, endedAt = :endedAt',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': { S: 'finished' }, ':endedAt': { S: change.endedAt } },
      }),
    );
  } else {
    await client.send(
      new UpdateItemCommand({
        ...target,
        UpdateExpression: 'SET matches[0].winnerId = :winner, matches[0].endedAt = :endedAt',
        ExpressionAttributeValues: { ':winner': { N: change.winnerIdText }, ':endedAt': { S: change.endedAt } },
      }),
    );
  }
}

/** PutItem, UpdateItem and DeleteItem on the brackets table, in order; tells how far it is. */
export async function playBrackets(
  options: ClientOptions,
  tableName: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const client = new DynamoDBClient(options);
  const changes = bracketChanges();
  for (const [index, change] of changes.entries()) {
    await applyChange(client, tableName, change);
    onProgress(index + 1, changes.length);
  }
  client.destroy();
}

/** PutRecords on the log stream, the bad ones among the good. */
export async function playLogs(options: ClientOptions, streamName: string): Promise<number> {
  const client = new KinesisClient(options);
  const records = logRecords();
  await putRecords(client, streamName, records);
  client.destroy();
  return records.length;
}
