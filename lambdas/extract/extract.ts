import * as z from 'zod';
import type { RestSource } from '../../lib/pipeline/environment.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { IntakeCounts } from '../../lib/pipeline/metrics.ts';
import type { Codec } from '../../lib/pipeline/names.ts';
import { nothingPulled } from '../../lib/pipeline/rest-progress.ts';
import type { Secrets } from '../aws/secrets.ts';
import type { WatermarkStore } from '../aws/watermark-store.ts';
import type { LandingPorts } from '../ingest/land.ts';
import { PullRun } from './pull-run.ts';
import type { RestPorts } from './rest-client.ts';

/** What is pulled, and how much of it at a time. */
export interface ExtractSettings {
  readonly dataset: string;
  readonly codec: Codec;
  readonly source: RestSource;
  readonly secretArn: string;
  /** An invocation pauses after this many pages and goes on where it was at the next schedule. */
  readonly pagesAtMost: number;
}

/** What the extractor works with. */
export interface ExtractPorts extends RestPorts, LandingPorts {
  readonly watermarks: WatermarkStore;
  readonly secrets: Secrets;
  readonly now: () => Date;
}

/** How an invocation ended; whatever the kind, the records it counts are in the lake. */
export type ExtractOutcome = ExtractTally &
  (
    | {
        /** Up to date; more to come at the next schedule; or another invocation noted its progress first. */ readonly kind:
          | 'complete'
          | 'paused'
          | 'overtaken';
      }
    | { readonly kind: 'failed'; readonly error: unknown }
  );

export interface ExtractTally {
  readonly pages: number;
  /** Records of the overlap, which had been here before; not counted as received. */
  readonly repeated: number;
  readonly counts: IntakeCounts;
}

/**
 * Where a REST source is: the secret of its dataset, JSON. What a header or an address cannot carry is refused here, because
 * `fetch` refuses it with an error that quotes the token or the password, and errors are logged.
 */
const restSecret = z.object({
  url: z.url({ protocol: /^https?$/ }).refine(hasNoPassword, 'must not carry a user or password; the token is sent'),
  token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters, without spaces or line breaks between them'),
});
export type RestSecret = z.infer<typeof restSecret>;

function hasNoPassword(text: string): boolean {
  const url = URL.parse(text);
  return !url?.username && !url?.password;
}

/** Pulls what is new at a REST source into the lake, then notes how far it came. Progress made before a failure is kept. */
export async function extract(settings: ExtractSettings, ports: ExtractPorts): Promise<ExtractOutcome> {
  const secret = await readSecret(settings.secretArn, ports.secrets);
  const progress = (await ports.watermarks.read(settings.dataset)) ?? nothingPulled;
  const run = new PullRun(settings, ports, secret, progress);
  let ending: { kind: 'complete' | 'paused' | 'overtaken' } | { kind: 'failed'; error: unknown };
  try {
    ending = { kind: await run.pull() };
  } catch (error) {
    ending = { kind: 'failed', error };
  }
  const next = run.progress();
  const saved = next && (await ports.watermarks.write(settings.dataset, next, run.pullNumber));
  if (saved === 'overtaken' && ending.kind !== 'failed') return { kind: 'overtaken', ...run.tally() };
  return { ...ending, ...run.tally() };
}

async function readSecret(secretArn: string, secrets: Secrets): Promise<RestSecret> {
  const text = await secrets.read(secretArn);
  const result = restSecret.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new MillraceError(
    'BAD_SECRET',
    `the secret ${secretArn} must be JSON such as {"url": "https://…", "token": "…"}:\n${z.prettifyError(result.error)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema says so, without the text, which is secret.
    return undefined;
  }
}
