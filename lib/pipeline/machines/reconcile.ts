import { choice, invoke, type StateMachineDefinition } from './language.ts';
import { type CountableDataset, tableSubstitution, whichTable } from './which-table.ts';

/** What the definition names as `${Name}`. */
export function reconcileSubstitutions(datasets: readonly CountableDataset[]): string[] {
  return ['ReconcileCountArn', 'ReconcileCompareArn', 'ReconcileReportArn', ...datasets.map(tableSubstitution)];
}

/** A scan of a large table takes its time, page after page. */
const longestSeconds = 24 * 60 * 60;
/** So many freshness budgets after the first look, what was on its way must have come. */
const pauseFreshnessTimes = 3;

/** The reconciliation: count the source, compare counts and samples, look again at what differs, report. */
export function reconcileMachine(datasets: readonly CountableDataset[]): StateMachineDefinition {
  const settings = ({ sampledKeys, freshnessSeconds }: CountableDataset) => ({
    sampledKeys,
    pauseSeconds: freshnessSeconds * pauseFreshnessTimes,
  });
  return {
    Comment:
      'Millrace reconcile: counts a source, compares it and a sample of its keys with latest, reports what drifted',
    StartAt: 'Which table?',
    TimeoutSeconds: longestSeconds + Math.max(0, ...datasets.map((dataset) => settings(dataset).pauseSeconds)),
    States: {
      ...whichTable(datasets, settings, 'Count'),
      Count: invoke('ReconcileCountArn', {
        ResultSelector: {
          'startedAt.$': '$.Payload.startedAt',
          'count.$': '$.Payload.count',
          'cursor.$': '$.Payload.cursor',
          'done.$': '$.Payload.done',
        },
        ResultPath: '$.count',
        Next: 'Counted?',
      }),
      'Counted?': choice('Count', [{ Variable: '$.count.done', BooleanEquals: true, Next: 'Compare' }]),
      Compare: invoke('ReconcileCompareArn', {
        ResultSelector: {
          'number.$': '$.Payload.number',
          'latestCount.$': '$.Payload.latestCount',
          'driftRows.$': '$.Payload.driftRows',
          'sampled.$': '$.Payload.sampled',
          'incomparable.$': '$.Payload.incomparable',
          'suspects.$': '$.Payload.suspects',
          'again.$': '$.Payload.again',
        },
        ResultPath: '$.look',
        Next: 'Look again?',
      }),
      'Look again?': choice('Report', [
        { Variable: '$.look.again', BooleanEquals: true, Next: 'Let the stream catch up' },
      ]),
      'Let the stream catch up': { Type: 'Wait', SecondsPath: '$.source.pauseSeconds', Next: 'Compare' },
      Report: invoke('ReconcileReportArn', { OutputPath: '$.Payload', End: true }),
    },
  };
}
