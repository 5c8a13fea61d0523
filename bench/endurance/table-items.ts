import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, NumberValueImpl } from '@aws-sdk/util-dynamodb';

export const partitionKey = 'tournamentId';
export const keyName = (key: number): string => `t-${String(key).padStart(6, '0')}`;

/** 38 digits, as many as DynamoDB and Redshift take; a JavaScript number would keep seventeen. */
export const prizeOf = (version: number): string => `9${String(version).padStart(37, '7')}`;

/** More than a VARCHAR holds, so an item with it is quarantined as STRING_TOO_LONG. */
const longText = 'y'.repeat(70_000);

/** What a write leaves behind: everything in an item follows from its key and its version, so both name it fully. */
export function itemOf(key: number, version: number, isBad = false): Record<string, AttributeValue> {
  return marshall({
    [partitionKey]: keyName(key),
    version,
    status: `v${version}`,
    prize: NumberValueImpl.from(prizeOf(version)),
    ...(isBad && { notes: longText }),
  });
}

export const keyOf = (key: number): Record<string, AttributeValue> => ({ [partitionKey]: { S: keyName(key) } });
