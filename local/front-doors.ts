import type { Config, Source } from '../lib/config/config.ts';
import { frontDoorOutput } from '../lib/pipeline/outputs.ts';
import type { FrontDoor } from './running.ts';

/** `arn:aws:kinesis:eu-west-1:1:stream/logs` → `logs`. */
const streamNameOf = (streamArn: string): string => streamArn.split('/')[1] ?? streamArn;

function frontDoor(dataset: string, source: Source, outputs: Readonly<Record<string, string>>): FrontDoor {
  const made = outputs[frontDoorOutput(dataset, source.kind)] ?? '';
  switch (source.kind) {
    case 'dynamodb':
      return { kind: 'dynamodb', tableName: 'create' in source.table ? made : source.table.tableName };
    case 'kinesis':
      return { kind: 'kinesis', streamName: 'create' in source.stream ? made : streamNameOf(source.stream.streamArn) };
    case 'rest':
      return { kind: 'rest' };
  }
}

/** Where records of each dataset go in: what the stack made, or what the configuration names. */
export function frontDoors(config: Config, outputs: Readonly<Record<string, string>>): Record<string, FrontDoor> {
  return Object.fromEntries(
    Object.entries(config.datasets).map(([name, { source }]) => [name, frontDoor(name, source, outputs)]),
  );
}
