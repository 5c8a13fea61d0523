import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Config } from '../../lib/config/config.ts';
import { frontDoorOutput } from '../../lib/pipeline/outputs.ts';
import type { Platform } from '../platform.ts';
import type { FrontDoor } from '../running.ts';
import { type OrganizersApi, serveOrganizers } from './organizers-api.ts';
import { playBrackets, playLogs } from './play.ts';
import { redelivery } from './redeliver.ts';

/** The tournament platform, beside the pipeline. */
export interface Demo {
  /** Plays what was not played yet over this state directory, and has the extractor pull; says what it did. */
  play(tell: (text: string) => void): Promise<string>;
  /** Doors that the template does not know, because they belong to somebody else: the REST API. */
  readonly frontDoors: Readonly<Record<string, FrontDoor>>;
  close(): Promise<void>;
}

const demoSources = { brackets: 'dynamodb', app_logs: 'kinesis', organizers: 'rest' } as const;

/** What a configuration lacks for the demo to be played: somebody who has made it their own has their own records. */
export function missingForDemo(datasets: Config['datasets']): string[] {
  const lacks = ([name, kind]: [string, string]): boolean => datasets[name]?.source.kind !== kind;
  return Object.entries(demoSources)
    .filter(lacks)
    .map(([name]) => name);
}

/** The API's token: the same at every start, so that a secret written earlier stays right. */
const token = createHash('sha256').update('millrace demo').digest('hex').slice(0, 24);

async function writeSecret(platform: Platform, api: OrganizersApi): Promise<void> {
  const client = new SecretsManagerClient(platform.clientOptions);
  await client.send(
    new PutSecretValueCommand({
      SecretId: platform.output(frontDoorOutput('organizers', 'rest')),
      SecretString: JSON.stringify({ url: api.url, token: api.token }),
    }),
  );
  client.destroy();
}

/** Records of the stream that are delivered once more than they should be. */
export const redeliveredRecords = 10;

async function playSources(platform: Platform, tell: (text: string) => void): Promise<void> {
  const { clientOptions } = platform;
  const streamName = platform.output(frontDoorOutput('app_logs', 'kinesis'));
  await playBrackets(clientOptions, platform.output(frontDoorOutput('brackets', 'dynamodb')), (done, total) =>
    tell(`brackets: ${done} of ${total} writes`),
  );
  tell(`app_logs: ${await playLogs(clientOptions, streamName)} records`);
  await platform.invokeLanding('app_logs', await redelivery(clientOptions, streamName, redeliveredRecords));
}

/** Starts the REST API and tells the extractor where it is, as an operator would: through the secret. */
export async function startDemo(platform: Platform, stateDirectory: string): Promise<Demo> {
  const folder = path.join(stateDirectory, 'demo');
  fs.mkdirSync(folder, { recursive: true });
  const api = await serveOrganizers(path.join(folder, 'organizers.json'), token);
  await writeSecret(platform, api);
  platform.countReceived('organizers', async () => api.servedCount());
  const playedMarker = path.join(folder, 'played');
  return {
    frontDoors: { organizers: { kind: 'rest', url: api.url, token: api.token } },
    async play(tell) {
      const first = !fs.existsSync(playedMarker);
      if (first) {
        await playSources(platform, tell);
        fs.writeFileSync(playedMarker, new Date().toISOString());
      }
      tell('organizers: pulled from the REST API');
      await platform.invokeLanding('organizers');
      return first
        ? 'Play the demo: brackets written, app_logs put (some of them twice), organizers pulled'
        : 'The demo was played at an earlier start; organizers pulled once more';
    },
    close: () => api.close(),
  };
}
