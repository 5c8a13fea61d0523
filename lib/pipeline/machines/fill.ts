import { catchTo, choice, invoke, retryAll, type State, type StateMachineDefinition } from './language.ts';

export const fillSteps = ['Begin', 'List', 'Convert', 'Close'] as const;
export type FillStep = (typeof fillSteps)[number];

/** The name under which a dataset's table is put into the definition. */
const tableName = (dataset: string): string => `TableArnOf_${dataset}`;

/** What the definition names as `${Name}`. */
export function fillSubstitutions(datasets: readonly string[]): string[] {
  return [...fillSteps.map((step) => `Fill${step}Arn`), ...datasets.map(tableName)];
}

/** The tables' ARNs under those names. */
export function tableSubstitutions(tables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tables).map(([dataset, arn]) => [tableName(dataset), arn]));
}

/** Exports of large tables take hours; every look takes events of the 25,000 that an execution may have. */
const lookEverySeconds = 60;
const longestSeconds = 48 * 60 * 60;
const filesAtOnce = 8;

/**
 * The fill of a dataset: its table is exported into the lake, and every file of the export becomes objects under `raw/`. What
 * loads them is the refresh, as ever. The tables' ARNs are in the definition: functions' environments are small.
 */
export function fillMachine(datasets: readonly string[]): StateMachineDefinition {
  return {
    Comment: 'Millrace fill: a table is exported, and its export lands in the lake beside what the stream brings',
    StartAt: 'Tables',
    TimeoutSeconds: longestSeconds,
    States: { ...exportStates(datasets), ...convertStates, ...endStates },
  };
}

function exportStates(datasets: readonly string[]): Record<string, State> {
  return {
    Tables: {
      Type: 'Pass',
      Result: Object.fromEntries(datasets.map((dataset) => [dataset, `\${${tableName(dataset)}}`])),
      ResultPath: '$.tables',
      Next: 'Begin',
    },
    Begin: invoke('FillBeginArn', {
      ResultSelector: { 'exportArn.$': '$.Payload.exportArn', 'keyNames.$': '$.Payload.keyNames' },
      ResultPath: '$.export',
      Catch: catchTo('Give up'),
      Next: 'Look at the export',
    }),
    'Look at the export': {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:describeExport',
      Parameters: { 'ExportArn.$': '$.export.exportArn' },
      ResultSelector: { 'export.$': '$.ExportDescription' },
      ResultPath: '$.described',
      Retry: retryAll(10),
      Catch: catchTo('Give up'),
      Next: 'Exported?',
    },
    'Exported?': choice('Wait for the export', [
      { Variable: '$.described.export.ExportStatus', StringEquals: 'COMPLETED', Next: 'List' },
      { Variable: '$.described.export.ExportStatus', StringEquals: 'FAILED', Next: 'Not exported' },
    ]),
    'Wait for the export': { Type: 'Wait', Seconds: lookEverySeconds, Next: 'Look at the export' },
    'Not exported': {
      Type: 'Pass',
      Parameters: { Error: 'EXPORT_FAILED', 'Cause.$': 'States.JsonToString($.described.export)' },
      ResultPath: '$.trouble',
      Next: 'Give up',
    },
  };
}

const convertStates: Record<string, State> = {
  List: invoke('FillListArn', {
    ResultSelector: { 'groups.$': '$.Payload.groups' },
    ResultPath: '$.listed',
    Catch: catchTo('Give up'),
    Next: 'Convert',
  }),
  Convert: {
    Type: 'Map',
    ItemsPath: '$.listed.groups',
    MaxConcurrency: filesAtOnce,
    ItemSelector: {
      'dataset.$': '$.dataset',
      'id.$': '$.id',
      'kind.$': '$.kind',
      'export.$': '$.export',
      'manifestKey.$': '$.described.export.ExportManifest',
      'group.$': '$$.Map.Item.Value',
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Convert files',
      States: {
        'Convert files': invoke('FillConvertArn', {
          ResultSelector: { 'from.$': '$.Payload.from', 'to.$': '$.Payload.to', 'done.$': '$.Payload.done' },
          ResultPath: '$.group',
          Next: 'All files?',
        }),
        'All files?': choice('Convert files', [
          { Variable: '$.group.done', BooleanEquals: true, Next: 'Files converted' },
        ]),
        'Files converted': { Type: 'Pass', Parameters: {}, End: true },
      },
    },
    ResultPath: '$.converted',
    Catch: catchTo('Give up'),
    Next: 'Close',
  },
};

const endStates: Record<string, State> = {
  Close: invoke('FillCloseArn', { ResultPath: '$.closed', Catch: catchTo('Give up'), Next: 'Filled' }),
  Filled: { Type: 'Succeed' },
  /** The dataset is free for another fill whatever went wrong; should even that fail, the same id takes it up again. */
  'Give up': invoke('FillCloseArn', { ResultPath: '$.closed', Next: 'Failed' }),
  Failed: { Type: 'Fail', ErrorPath: '$.trouble.Error', CausePath: '$.trouble.Cause' },
};
