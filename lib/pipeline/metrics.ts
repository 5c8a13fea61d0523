/** The namespace of every metric Millrace emits itself. Dimensions: `service` (the stack) and one of `dataset`, `lane`, `model`. */
export const metricNamespace = 'Millrace';

/** Every metric's name and its unit as CloudWatch spells it, defined once for the functions, the dashboard and the alarms. */
export const metricUnits = {
  /** Records a source delivered; each redelivery counts again. */
  RecordsReceived: 'Count',
  /** Records written to the lake's raw prefix. */
  RecordsLanded: 'Count',
  /** Records set aside with their reason. */
  RecordsQuarantined: 'Count',
  /** Records that left the quarantine because somebody had them tried again. */
  RecordsReplayed: 'Count',
  /** Records that left the quarantine because somebody dropped them. */
  RecordsDropped: 'Count',
  /** Records said to be of more than a day ahead: a clock is wrong, or the data is. */
  RecordsFromFuture: 'Count',
  /** Compressed bytes written to the lake's raw prefix. */
  BytesLanded: 'Bytes',
  /** Rows new in `raw`. */
  RowsLoaded: 'Count',
  /** Rows that `raw` had already. */
  RowsDuplicate: 'Count',
  /** Loads that failed; their objects stay in the inbox and are tried again. */
  LoadFailures: 'Count',
  /** From the oldest event of a load to the end of the load, when it can be queried. */
  FreshnessSeconds: 'Seconds',
  /** Runs of a model that were not published: it failed, or a check of severity error did. */
  ModelFailures: 'Count',
  /** From the start of a refresh to its end. */
  RefreshSeconds: 'Seconds',
  /** Objects that no event told of; their writer's own message did, 15 minutes later. */
  EventsLost: 'Count',
  /** Keys that the source has more or fewer of than `latest`, after what moved meanwhile is taken off. */
  DriftRows: 'Count',
  /** Sampled keys whose row in `latest` is not what the source has, or that one of the two has not. */
  DriftSampledKeys: 'Count',
  /** Messages to register that are nothing of ours. */
  MessagesIgnored: 'Count',
} as const;
export type MetricName = keyof typeof metricUnits;
export type MetricCounts = Partial<Record<MetricName, number>>;
/** What every intake of records counts. */
export type IntakeCounts = Readonly<
  Record<'RecordsReceived' | 'RecordsLanded' | 'RecordsQuarantined' | 'BytesLanded', number> &
    Pick<MetricCounts, 'RecordsFromFuture'>
>;
