import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { mainLane } from '../pipeline/lane.ts';
import { type MetricName, metricNamespace } from '../pipeline/metrics.ts';
import { abandonedPrefix } from '../pipeline/names.ts';
import { pascalCase } from '../pipeline/outputs.ts';
import type { Catalog } from './catalog.ts';
import type { StageContext } from './context.ts';
import type { Extract } from './extract.ts';
import type { Fill } from './fill.ts';
import { delivery, type Ingest } from './ingest.ts';
import type { Reconcile } from './reconcile.ts';
import type { Refresh } from './refresh.ts';
import type { Arrivals } from './register.ts';
import type { Reload } from './reload.ts';
import type { Repair } from './repair.ts';
import type { SourcedDataset } from './sources.ts';

export interface Stages {
  readonly datasets: readonly SourcedDataset[];
  readonly ingest: Ingest;
  readonly extract: Extract;
  readonly arrivals: Arrivals;
  readonly refresh: Refresh;
  readonly reload: Reload;
  readonly fill: Fill;
  readonly reconcile: Reconcile;
  readonly repair: Repair;
  readonly catalog: Catalog;
  readonly models: readonly OwnedModel[];
}

/** A model, as far as its alarm and its lane's line on the dashboard go. */
export interface OwnedModel {
  /** `mart.daily_kpi`. */
  readonly name: string;
  readonly owner: string;
  readonly lane: string;
}

/** Something that is watched, and what its alarm says. */
export interface Watch {
  readonly id: string;
  readonly metric: IMetric;
  /** It is alarming from here on. */
  readonly threshold: number;
  /** What is wrong, and with what. */
  readonly what: string;
  /** Who is to be told. */
  readonly owner: string;
  /** What to do about it. */
  readonly mend: string;
}

const period = Duration.minutes(5);
/** Beyond the longest delay a message is sent with, 15 minutes, and the five tries of one that fails. */
const unregisteredSeconds = 45 * 60;
/** The pipeline's own troubles belong to whoever runs it. */
const operator = 'whoever runs Millrace';

/** One of the metrics Millrace emits itself, of one dataset, model or lane. */
export function ownMetric(
  context: StageContext,
  metricName: MetricName,
  of: { readonly dataset: string } | { readonly model: string } | { readonly lane: string },
  statistic: string,
): Metric {
  const dimensionsMap = { service: context.service, ...of };
  return new Metric({ namespace: metricNamespace, metricName, dimensionsMap, statistic, period });
}

/** What is watched of a dataset. Thresholds come from the configuration. */
export function datasetWatches(context: StageContext, stages: Stages, { name, dataset }: SourcedDataset): Watch[] {
  const { owner, freshnessSeconds } = dataset;
  const { lateAfterFreshnessTimes, quarantinedRecords } = context.config.alarms;
  const lateSeconds = Math.ceil(freshnessSeconds * lateAfterFreshnessTimes);
  return [
    {
      id: `${pascalCase(name)}Late`,
      metric: ownMetric(context, 'FreshnessSeconds', { dataset: name }, Stats.MAXIMUM),
      threshold: lateSeconds,
      what: `${name} is late: records took ${lateSeconds} s or more to become queryable (promised: ${freshnessSeconds} s)`,
      owner,
      mend: `Look in ops.loads for ${name}, then at the slowest step of the refresh's last executions`,
    },
    {
      id: `${pascalCase(name)}Quarantined`,
      metric: ownMetric(context, 'RecordsQuarantined', { dataset: name }, Stats.SUM),
      threshold: quarantinedRecords,
      what: `${name}: records were set aside; they are not in the warehouse`,
      owner,
      mend: `\`millrace quarantine show ${name}\` says why of each; mend its sender, then \`millrace quarantine replay\` or \`drop\` them`,
    },
    {
      id: `${pascalCase(name)}NotLoaded`,
      metric: ownMetric(context, 'LoadFailures', { dataset: name }, Stats.SUM),
      threshold: 1,
      what: `${name}: a load failed; its objects are still pending and are tried again`,
      owner,
      mend: "The refresh's last execution shows the statement and its error",
    },
    ...(dataset.reconcile ? [driftWatch(context, name, owner)] : []),
    ...sourceWatches(context, stages, name, owner),
  ];
}

/** A reconciliation emits both metrics, none drifted or many. */
function driftWatch(context: StageContext, name: string, owner: string): Watch {
  const rows = ownMetric(context, 'DriftRows', { dataset: name }, Stats.MAXIMUM);
  const keys = ownMetric(context, 'DriftSampledKeys', { dataset: name }, Stats.MAXIMUM);
  return {
    id: `${pascalCase(name)}Drifted`,
    metric: new MathExpression({ expression: 'rows + keys', usingMetrics: { rows, keys }, label: name, period }),
    threshold: 1,
    what: `latest.${name} is not what its source has: keys are missing, left over or differ`,
    owner,
    mend: `Run millrace repair ${name} --dry-run to see how many, then millrace repair ${name}; ops.reconciliations has examples of the keys`,
  };
}

/** What is watched of the function that reads a dataset's source. */
function sourceWatches(context: StageContext, { ingest, extract }: Stages, name: string, owner: string): Watch[] {
  const extractor = extract.functions.get(name);
  const reader = ingest.functions.get(name);
  const { iteratorAgeSeconds } = context.config.alarms;
  const logs = (stage: string) => `/millrace/${context.service}/${stage}/${name}`;
  return [
    ...(extractor
      ? [
          {
            id: `${pascalCase(name)}NotPulled`,
            metric: extractor.metricErrors({ period, statistic: Stats.SUM }),
            threshold: 1,
            what: `${name} could not be pulled from its API`,
            owner,
            mend: `${logs('extract')} says why; are the address and the token in its secret right?`,
          },
        ]
      : []),
    ...(reader
      ? [
          {
            id: `${pascalCase(name)}Behind`,
            metric: reader.metric('IteratorAge', { period, statistic: Stats.MAXIMUM }),
            threshold: iteratorAgeSeconds * 1000,
            what: `${name}: its stream is read ${iteratorAgeSeconds} s late or more`,
            owner,
            mend: `${logs('ingest')} says why; a batch that fails ${delivery.retryAttempts + 1} times, or for ${delivery.maxRecordAgeSeconds / 3600} hours, is given up and kept under ${abandonedPrefix} in the lake`,
          },
        ]
      : []),
  ];
}

/** What is watched of a model. */
export function modelWatch(context: StageContext, { name, owner }: OwnedModel): Watch {
  return {
    id: `${pascalCase(name.replaceAll('.', '_'))}NotPublished`,
    metric: ownMetric(context, 'ModelFailures', { model: name }, Stats.SUM),
    threshold: 1,
    what: `${name} was not published: it failed, or one of its checks did; readers see what it was before`,
    owner,
    mend: "The refresh's last execution shows the statement, the error and the check",
  };
}

/** A machine whose executions may fail, in a watch's words. */
interface WatchedMachine {
  readonly name: 'Refresh' | 'Reload' | 'Fill' | 'Reconcile' | 'Repair';
  /** Undefined where the stack has none. */
  readonly machine: StateMachine | undefined;
  readonly what: string;
  readonly mend: string;
}

function machineFailedWatches({ name, machine, what, mend }: WatchedMachine): Watch[] {
  if (!machine) return [];
  const metric = machine.metricFailed({ period, statistic: Stats.SUM });
  return [{ id: `${name}Failed`, metric, threshold: 1, what, owner: operator, mend }];
}

function machinesOf({ refresh, reload, fill, reconcile, repair }: Stages): WatchedMachine[] {
  return [
    {
      name: 'Refresh',
      machine: refresh.stateMachine,
      what: 'A refresh failed: what it was to load is still pending',
      mend: 'Open its execution: the red step shows the statement and the error. The next refresh tries again',
    },
    {
      name: 'Reload',
      machine: reload.stateMachine,
      what: 'A backfill or a rebuild failed: what it had loaded is kept, the rest is not loaded again',
      mend: 'Open its execution: the red step says which objects it was. The same command goes on from there',
    },
    {
      name: 'Fill',
      machine: fill.stateMachine,
      what: 'A fill from a table failed: what it had landed is kept, the rest of the table is not there',
      mend: 'Open its execution: the red step shows the error. The same command goes on from there',
    },
    {
      name: 'Reconcile',
      machine: reconcile.stateMachine,
      what: 'A reconciliation failed: whether latest has drifted is not known',
      mend: 'Open its execution: the red step shows the error. The next one tries again',
    },
    {
      name: 'Repair',
      machine: repair.stateMachine,
      what: 'A repair failed: what it had corrected is kept, the rest still differs',
      mend: 'Open its execution: the red step shows the error. The same command goes on from there',
    },
  ];
}

/** What is watched of the pipeline itself. */
export function pipelineWatches(context: StageContext, stages: Stages): Watch[] {
  const { arrivals, refresh, catalog } = stages;
  return [
    ...machinesOf(stages).flatMap(machineFailedWatches),
    {
      id: 'EventsLost',
      metric: ownMetric(context, 'EventsLost', { lane: mainLane }, Stats.SUM),
      threshold: 1,
      what: 'No event told of an object in the lake; it was found 15 minutes late, and nothing is lost',
      owner: operator,
      mend: "Are the lake's events on, and does the rule ObjectCreated deliver? Its failed invocations are a metric of EventBridge",
    },
    {
      id: 'DeadLetters',
      metric: arrivals.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      threshold: 1,
      what: 'Events could not be registered, or a batch of a stream was given up: records that nobody will load',
      owner: operator,
      mend: `A message about ${abandonedPrefix} names a batch that was given up, kept there whole: its ingest function's log says why; mend it, then \`millrace quarantine replay\` lands it. Of any other, register's log says why; mend it, then start the queue's redrive`,
    },
    {
      id: 'NotRegistered',
      metric: arrivals.queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
      threshold: unregisteredSeconds,
      what: `Events have waited ${unregisteredSeconds / 60} minutes to be registered: nobody takes them from their queue`,
      owner: operator,
      mend: 'Is the mapping of the register function enabled, and is the function throttled?',
    },
    {
      id: 'RefreshTimedOut',
      metric: refresh.stateMachine.metricTimedOut({ period, statistic: Stats.SUM }),
      threshold: 1,
      what: 'A refresh did not end in time: what it was to load is still pending',
      owner: operator,
      mend: 'Open its execution: the last step shows the statement that took long',
    },
    {
      id: 'CatalogNotWritten',
      metric: catalog.writer.metricErrors({ period, statistic: Stats.SUM }),
      threshold: 1,
      what: 'The catalog could not be written: it shows what was before the last refresh',
      owner: operator,
      mend: `/millrace/${context.service}/catalog says why. The next refresh writes it anew`,
    },
  ];
}
