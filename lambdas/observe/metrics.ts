import { Metrics } from '@aws-lambda-powertools/metrics';
import { type MetricCounts, type MetricName, metricNamespace, metricUnits } from '../../lib/pipeline/metrics.ts';

const metrics = new Metrics({ namespace: metricNamespace });

/** Writes one EMF line for a dataset; CloudWatch makes metrics of it without a call. */
export function emitMetrics(dataset: string, counts: MetricCounts): void {
  emitMetricsOf('dataset', dataset, counts);
}

/** The same for what concerns no single dataset: a lane, a model. */
export function emitMetricsOf(dimension: 'dataset' | 'lane' | 'model', value: string, counts: MetricCounts): void {
  metrics.addDimension(dimension, value);
  for (const [name, count] of Object.entries(counts) as [MetricName, number][]) {
    metrics.addMetric(name, metricUnits[name], count);
  }
  metrics.publishStoredMetrics();
}
