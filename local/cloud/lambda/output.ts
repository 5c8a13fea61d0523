import { z } from 'zod';
import type { CloudEvent } from '../event.ts';

const embeddedMetrics = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())).default([[]]),
        Metrics: z.array(z.looseObject({ Name: z.string(), Unit: z.string().default('None') })),
      }),
    ),
  }),
});

type MetricEvent = Extract<CloudEvent, { kind: 'metric' }>;

/**
 * The metrics in a log line of the embedded metric format, one event a metric and dimension set; undefined where the
 * line is not of that format. (CloudWatch user guide, "Specification: Embedded metric format".)
 */
export function readEmbeddedMetrics(line: string, functionName: string): MetricEvent[] | undefined {
  if (!line.startsWith('{') || !line.includes('"CloudWatchMetrics"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = embeddedMetrics.safeParse(value);
  if (!parsed.success) return undefined;
  const root = parsed.data as Readonly<Record<string, unknown>>;
  return parsed.data._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name: name, Unit: unit }) =>
      Dimensions.map((names) => ({
        kind: 'metric' as const,
        namespace,
        name,
        unit,
        values: [root[name]].flat().filter((item) => typeof item === 'number'),
        dimensions: Object.fromEntries(names.map((dimension) => [dimension, String(root[dimension])])),
        functionName,
      })),
    ),
  );
}

/** Cuts what a stream writes into lines. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#onLine(line);
  }

  flush(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}
