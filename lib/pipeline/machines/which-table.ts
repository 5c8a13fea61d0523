import { pascalCase } from '../outputs.ts';
import { choice, type State } from './language.ts';

/** A dataset whose source can be read as a whole. */
export interface CountableDataset {
  readonly name: string;
  readonly sampledKeys: number;
  readonly freshnessSeconds: number;
}

/** What the definition calls the table of a dataset: `brackets` → `BracketsTable`. */
export function tableSubstitution({ name }: CountableDataset): string {
  return `${pascalCase(name)}Table`;
}

/**
 * The dataset that the input names becomes its table: written into the definition, because a function's environment has
 * no room for every table.
 * @param settings what else of the dataset the machine's steps want to know.
 */
export function whichTable(
  datasets: readonly CountableDataset[],
  settings: (dataset: CountableDataset) => State,
  next: string,
): Record<string, State> {
  const known = datasets.map(({ name }) => name);
  const choices = known.map((name) => ({
    And: [
      { Variable: '$.dataset', IsPresent: true },
      { Variable: '$.dataset', StringEquals: name },
    ],
    Next: `Table of ${name}`,
  }));
  const tables = datasets.map((dataset): [string, State] => [
    `Table of ${dataset.name}`,
    {
      Type: 'Pass',
      Parameters: {
        tableName: `\${${tableSubstitution(dataset)}}`,
        'execution.$': '$$.Execution.Name',
        ...settings(dataset),
      },
      ResultPath: '$.source',
      Next: next,
    },
  ]);
  return {
    'Which table?': choice('No such table', choices),
    ...Object.fromEntries(tables),
    'No such table': {
      Type: 'Fail',
      Error: 'NOT_COUNTABLE',
      Cause: `Only datasets from DynamoDB tables can be read as a whole: ${known.join(', ')}`,
    },
  };
}
