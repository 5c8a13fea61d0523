import type { ColumnSource, QueryLineage } from '../models/analysis.ts';
import type { CompiledModel } from '../models/model.ts';
import { checkName } from '../statements/model/check-name.ts';
import type { CheckResult } from '../statements/model/run.ts';

/** A URI of the program that says so: it has no home of its own on the web. */
export const producer = 'urn:millrace';

/** Where things are, in OpenLineage's words. */
export interface LineageNames {
  /** The namespace of jobs: the service, `tournaments-prod`. */
  readonly jobs: string;
  /** The namespace of tables: `redshift://<workgroup>.<region>:5439`. */
  readonly tables: string;
  readonly database: string;
}

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
}

export interface OpenLineageDataset {
  readonly namespace: string;
  /** `database.schema.table`. */
  readonly name: string;
}

/** A facet says by which version of its schema it is to be read. */
export function facet<T extends object>(schema: string, version: string, values: T): Facet & T {
  const _schemaURL = `https://openlineage.io/spec/facets/${version}/${schema}.json#/$defs/${schema}`;
  return { _producer: producer, _schemaURL, ...values };
}

/** A table of the warehouse, by `schema.table`. */
export const datasetOf = (table: string, names: LineageNames): OpenLineageDataset => ({
  namespace: names.tables,
  name: `${names.database}.${table}`,
});

/** What a model's table holds and where it comes from. */
export function tableFacets(model: CompiledModel, lineage: QueryLineage | undefined, names: LineageNames) {
  const described = new Map(model.columns.map(({ name, description }) => [name, description]));
  const fields = model.output.map(({ name, type }) => {
    const description = described.get(name);
    return { name, type, ...(description && { description }) };
  });
  return {
    documentation: facet('DocumentationDatasetFacet', '1-0-0', { description: model.description }),
    ...(fields.length > 0 && { schema: facet('SchemaDatasetFacet', '1-0-0', { fields }) }),
    ...(lineage && { columnLineage: columnLineage(lineage, names) }),
  };
}

function columnLineage({ columns, rows }: QueryLineage, names: LineageNames) {
  const fields = columns.map(({ name, sources }) => [name, { inputFields: inputFields(sources, names) }]);
  return facet('ColumnLineageDatasetFacet', '1-2-0', {
    fields: Object.fromEntries(fields) as Record<string, { inputFields: ReturnType<typeof inputFields> }>,
    dataset: inputFields(rows, names),
  });
}

interface Transformation {
  readonly type: string;
  readonly subtype: string;
  readonly description: string;
  readonly masking: boolean;
}

/** One entry a column: OpenLineage knows no paths, so the transformation says which part of the document it is. */
function inputFields(sources: readonly ColumnSource[], names: LineageNames) {
  const fields = new Map<string, OpenLineageDataset & { field: string; transformations: Transformation[] }>();
  for (const source of sources) {
    const { table, column } = source;
    const entry = fields.get(`${table}.${column}`) ?? {
      ...datasetOf(table, names),
      field: column,
      transformations: [],
    };
    entry.transformations.push(...transformationsOf(source));
    fields.set(`${table}.${column}`, entry);
  }
  return [...fields.values()];
}

/** A part of a document is not its column as it stands. */
function transformationsOf({ column, path, influences }: ColumnSource): Transformation[] {
  const isPart = path !== column;
  return influences.map(({ type, subtype, masking }) => ({
    type,
    subtype: isPart && subtype === 'IDENTITY' ? 'TRANSFORMATION' : subtype,
    description: isPart ? path : '',
    masking,
  }));
}

/** What a model's checks found. */
export function assertionsFacet(model: CompiledModel, results: readonly CheckResult[]) {
  const known = new Map(model.checks.map((check) => [checkName(check), check]));
  const assertions = results.map(({ name, failures, severity }) => {
    const check = known.get(name);
    const column = check && 'column' in check ? check.column : undefined;
    return { assertion: name, success: failures === 0, severity, ...(column !== undefined && { column }) };
  });
  return facet('DataQualityAssertionsDatasetFacet', '1-0-0', { assertions });
}
