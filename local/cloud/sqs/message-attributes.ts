import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A message attribute as it travels: binary is base64. List values are reserved by SQS and refused. */
export const messageAttribute = z.strictObject({
  DataType: z.string().regex(/^(String|Number|Binary)(\..+)?$/),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
export const messageAttributes = z.record(z.string().min(1).max(256), messageAttribute);
export type MessageAttributes = z.infer<typeof messageAttributes>;

export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

/**
 * The digest that clients check: name, type and value of each attribute, sorted by name, each with its length before it.
 * (SQS developer guide, "Calculating the MD5 message digest for message attributes".)
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name] as MessageAttributes[string];
    const binary = attribute.DataType.startsWith('Binary');
    const value = binary
      ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
      : Buffer.from(attribute.StringValue ?? '');
    parts.push(sized(name), sized(attribute.DataType), Buffer.from([binary ? 2 : 1]), sized(value));
  }
  return md5(Buffer.concat(parts));
}

function sized(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
