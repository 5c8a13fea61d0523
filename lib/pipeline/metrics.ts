/** The namespace of every metric Millrace emits itself. Dimensions: `service` (the stack) and `dataset`. */
export const metricNamespace = 'Millrace';

/** Every metric's name and its unit as CloudWatch spells it, defined once for the functions, the dashboard and the alarms. */
export const metricUnits = {
  /** Records a source delivered; each redelivery counts again. */
  RecordsReceived: 'Count',
  /** Records written to the lake's raw prefix. */
  RecordsLanded: 'Count',
  /** Records set aside with their reason. */
  RecordsQuarantined: 'Count',
  /** Compressed bytes written to the lake's raw prefix. */
  BytesLanded: 'Bytes',
} as const;
export type MetricName = keyof typeof metricUnits;
export type MetricCounts = Partial<Record<MetricName, number>>;
