/** What came of a dataset's records. `received` is counted at the source, everything else where the records ended. */
export interface DatasetSummary {
  readonly dataset: string;
  readonly owner: string;
  /** Records the source delivered, counted at the source itself; absent where only somebody else could count them. */
  readonly received?: number | undefined;
  /** Rows of `raw.<dataset>`. */
  readonly loaded: number;
  /** Records in the lake's quarantine or in batches that Lambda gave up, by code. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** Records that somebody took out of the quarantine for good. */
  readonly dropped: number;
  /** Records landed in the lake that no load has taken yet. */
  readonly pending: number;
  /** How many of these four no source delivered: a fill took them from a table, or a repair wrote them. */
  readonly made: number;
  /** Deliveries that were there already and changed nothing. */
  readonly duplicates: number;
  /** From event to queryable, over the loads so far; absent before the first. */
  readonly lag?: { readonly medianSeconds: number; readonly worstSeconds: number };
  /** The freshness that the dataset promises. */
  readonly freshnessSeconds: number;
}

/** A mart's first rows. */
export interface MartSummary {
  readonly name: string;
  readonly rowCount: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A model whose last run did not publish it; its mart is the one before, if there is one. */
export interface FailedModel {
  readonly model: string;
  readonly reason: string;
}

export interface Summary {
  readonly datasets: readonly DatasetSummary[];
  readonly marts: readonly MartSummary[];
  readonly failedModels: readonly FailedModel[];
}

/** Records of a dataset in quarantine, whatever the reason. */
export function quarantinedCount(dataset: DatasetSummary): number {
  return Object.values(dataset.quarantined).reduce((sum, count) => sum + count, 0);
}

/**
 * Nothing lost, nothing doubled: received = loaded + quarantined + dropped + pending, where the source can be counted; without
 * what was made.
 */
export function agrees(dataset: DatasetSummary): boolean {
  const arrived = dataset.loaded + quarantinedCount(dataset) + dataset.dropped + dataset.pending - dataset.made;
  return dataset.received === undefined || dataset.received === arrived;
}
