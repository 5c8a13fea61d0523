import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Stats,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { lanesOf, mainLane } from '../pipeline/lane.ts';
import type { MetricName } from '../pipeline/metrics.ts';
import type { StageContext } from './context.ts';
import { statementOf } from './grant.ts';
import { datasetWatches, modelWatch, ownMetric, pipelineWatches, type Stages, type Watch } from './watches.ts';

/** CloudWatch's grid is 24 wide. */
const half = 12;

/** What is late or broken, whose it is and what to do: alarms that say so, and one page to look at. */
export class Observe extends Construct {
  constructor(scope: Construct, id: string, context: StageContext, stages: Stages) {
    super(scope, id);
    const topicArn = this.#topicArn(context);
    const watches = [
      ...stages.datasets.flatMap((one) => datasetWatches(context, stages, one)),
      ...stages.models.map((model) => modelWatch(context, model)),
      ...pipelineWatches(context, stages),
    ];
    for (const watch of watches) this.#alarm(watch, topicArn);
    this.#dashboard(context, stages);
  }

  #alarm(watch: Watch, topicArn: string | undefined): void {
    const alarm = new Alarm(this, watch.id, {
      alarmDescription: `${watch.what}.\nOwner: ${watch.owner}.\nWhat to do: ${watch.mend}.`,
      metric: watch.metric,
      threshold: watch.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      // No event, no metric: silence is not trouble.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (topicArn) alarm.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) });
  }

  #topicArn(context: StageContext): string | undefined {
    const { topicArn, email } = context.config.alarms;
    return email ? this.#emailTopic(context, email) : topicArn;
  }

  #emailTopic(context: StageContext, email: string): string {
    const topic = new Topic(this, 'Topic', { displayName: `Millrace ${context.service}`, enforceSSL: true });
    const statement = statementOf({
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
    statement.addPrincipals(new ServicePrincipal('cloudwatch.amazonaws.com'));
    topic.addToResourcePolicy(statement);
    topic.addSubscription(new EmailSubscription(email));
    return topic.topicArn;
  }

  #dashboard(context: StageContext, stages: Stages): void {
    const { datasets, refresh, arrivals } = stages;
    const names = datasets.map(({ name }) => name);
    const each = (metric: MetricName, statistic: string) =>
      names.map((name) => ownMetric(context, metric, { dataset: name }, statistic).with({ label: name }));
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: half });
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: context.service });
    dashboard.addWidgets(new TextWidget({ markdown: whoOwnsWhat(context), width: 2 * half, height: 2 + names.length }));
    dashboard.addWidgets(
      graph('Seconds from event to queryable', each('FreshnessSeconds', Stats.MAXIMUM)),
      graph('Records landed', each('RecordsLanded', Stats.SUM)),
    );
    dashboard.addWidgets(
      graph('Records set aside', each('RecordsQuarantined', Stats.SUM)),
      graph('Refreshes', [
        refresh.stateMachine.metricSucceeded(),
        refresh.stateMachine.metricFailed(),
        refresh.stateMachine.metricTimedOut(),
      ]),
    );
    const models = stages.models.map(({ name }) =>
      ownMetric(context, 'ModelFailures', { model: name }, Stats.SUM).with({ label: name }),
    );
    dashboard.addWidgets(
      graph('Loads that failed', each('LoadFailures', Stats.SUM)),
      graph('Models not published', models),
    );
    dashboard.addWidgets(
      graph('Records from the future', each('RecordsFromFuture', Stats.SUM)),
      graph('Objects that no event told of', [
        ownMetric(context, 'EventsLost', { lane: mainLane }, Stats.SUM).with({ label: mainLane }),
      ]),
    );
    const refreshSeconds = (lane: string) =>
      ownMetric(context, 'RefreshSeconds', { lane }, Stats.MAXIMUM).with({ label: lane });
    dashboard.addWidgets(
      graph('Seconds a refresh takes', lanesOf(stages.models).map(refreshSeconds)),
      graph('Waiting to be registered', [
        arrivals.queue.metricApproximateNumberOfMessagesVisible(),
        arrivals.deadLetters.metricApproximateNumberOfMessagesVisible(),
      ]),
    );
  }
}

function whoOwnsWhat({ config }: StageContext): string {
  const rows = Object.entries(config.datasets).map(
    ([name, { owner, freshnessSeconds }]) => `| ${name} | ${owner} | ${freshnessSeconds} s |`,
  );
  return ['| dataset | owner | fresh within |', '| --- | --- | --- |', ...rows].join('\n');
}
