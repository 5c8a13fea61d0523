import { synthesize } from '../lib/app.ts';
import { parseConfig } from '../lib/config/config.ts';
import config from '../millrace.config.ts';

/** What the CDK CLI runs. */
await synthesize(parseConfig(config));
