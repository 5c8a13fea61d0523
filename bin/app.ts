import { synthesize } from '../lib/app.ts';
import { parseConfig } from '../lib/config/config.ts';
import { MillraceError } from '../lib/pipeline/error.ts';
import config from '../millrace.config.ts';

/** What the CDK CLI runs. What a user can mend is said without a stack trace. */
try {
  await synthesize(parseConfig(config));
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
