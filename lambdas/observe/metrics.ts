import { Metrics } from '@aws-lambda-powertools/metrics';
import { type MetricCounts, type MetricName, metricNamespace, metricUnits } from '../../lib/pipeline/metrics.ts';

const metrics = new Metrics({ namespace: metricNamespace });

/** Writes one EMF line for a dataset; CloudWatch makes metrics of it without a call. */
export function emitMetrics(dataset: string, counts: MetricCounts): void {
  metrics.addDimension('dataset', dataset);
  for (const [name, value] of Object.entries(counts) as [MetricName, number][]) {
    metrics.addMetric(name, metricUnits[name], value);
  }
  metrics.publishStoredMetrics();
}
