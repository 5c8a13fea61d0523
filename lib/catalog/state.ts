/** How a relation stands, in one word and one sentence. */
export interface Standing {
  readonly state: 'current' | 'warned' | 'late' | 'failed' | 'never';
  readonly text: string;
}

/** What it is told from; seconds since 1970. */
export interface StandingFacts {
  readonly kind: 'model' | 'dataset';
  /** A view needs no run to be current. */
  readonly isView: boolean;
  readonly freshnessSeconds?: number | undefined;
  readonly publishedAtSeconds?: number | undefined;
  readonly lastOutcome?: string | undefined;
  readonly lastAtSeconds?: number | undefined;
  readonly failedChecks: number;
  readonly warnedChecks: number;
  /** Of a dataset: from the oldest event of the last load to when it could be queried. */
  readonly lagSeconds?: number | undefined;
  /** When what it is made of was last loaded, whichever way. */
  readonly inputsLoadedAtSeconds?: number | undefined;
}

/**
 * Late is what lacks data that is there: where nothing has come in, a table of last week is current. A catalog cannot know of
 * what came in after it was written, so it says of when it is.
 */
export function standingOf(facts: StandingFacts, nowSeconds: number): Standing {
  return facts.kind === 'dataset' ? datasetStanding(facts) : modelStanding(facts, nowSeconds);
}

function datasetStanding({ publishedAtSeconds, lagSeconds, freshnessSeconds }: StandingFacts): Standing {
  if (!publishedAtSeconds) return { state: 'never', text: 'Nothing has been loaded yet' };
  if (lagSeconds !== undefined && freshnessSeconds !== undefined && lagSeconds > freshnessSeconds) {
    return { state: 'late', text: 'The last load came later than promised' };
  }
  return { state: 'current', text: 'Loaded in time' };
}

function modelStanding(facts: StandingFacts, nowSeconds: number): Standing {
  const { publishedAtSeconds, lastOutcome, failedChecks, warnedChecks } = facts;
  const old = publishedAtSeconds ? 'readers see what was published before' : 'there is nothing to read yet';
  if (lastOutcome === 'check_failed') return { state: 'failed', text: `A check failed: ${old}` };
  if (lastOutcome === 'failed') return { state: 'failed', text: `The last run failed: ${old}` };
  if (!publishedAtSeconds) return { state: 'never', text: 'Never published yet' };
  const behind = facts.isView ? 0 : behindSeconds(facts, publishedAtSeconds, nowSeconds);
  if (behind > (facts.freshnessSeconds ?? Number.POSITIVE_INFINITY)) {
    return { state: 'late', text: 'Newer data has been loaded and is not in it yet' };
  }
  if (failedChecks + warnedChecks > 0) return { state: 'warned', text: 'Published with warnings' };
  return { state: 'current', text: 'Has everything that was loaded' };
}

/** For how long data has been there that is not in the model. */
function behindSeconds({ inputsLoadedAtSeconds = 0 }: StandingFacts, published: number, now: number): number {
  return inputsLoadedAtSeconds > published ? now - inputsLoadedAtSeconds : 0;
}
