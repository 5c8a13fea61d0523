import type { Dependence, RelationName, SourceField, StatementLineage, Transformation } from './model.ts';

/** Where the datasets are, and who says so. */
export interface FacetOptions {
  /** `redshift://<cluster>.<region>:<port>`, as OpenLineage names Redshift. */
  readonly namespace: string;
  /** A URI of the program that makes the facet. */
  readonly producer: string;
  /** `column`: what lies in a document counts for its column, as a TRANSFORMATION of it. `path` says `payload.items[*].sku`. */
  readonly fields?: 'column' | 'path';
}

export interface FacetInputField {
  readonly namespace: string;
  /** `database.schema.relation`. */
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly (Transformation & { readonly description: string })[];
}

/** OpenLineage's ColumnLineageDatasetFacet, version 1-2-0, to stand under `outputs[].facets.columnLineage`. */
export interface ColumnLineageFacet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly FacetInputField[] }>>;
  /** What all fields depend on alike. */
  readonly dataset: readonly FacetInputField[];
}

export interface OpenLineageDataset {
  readonly namespace: string;
  readonly name: string;
}

export interface OpenLineageFacets {
  readonly inputs: readonly OpenLineageDataset[];
  /** What is written; none for a query that only answers, whose facet stands alone then. */
  readonly outputs: readonly (OpenLineageDataset & {
    readonly facets: { readonly columnLineage: ColumnLineageFacet };
  })[];
  readonly columnLineage: ColumnLineageFacet;
}

const SCHEMA_URL =
  'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet';

/** A statement's lineage in OpenLineage's JSON shapes. */
export function openLineageFacets(lineage: StatementLineage, options: FacetOptions): OpenLineageFacets {
  const { namespace } = options;
  const dataset = (place: RelationName): OpenLineageDataset => ({ namespace, name: datasetName(place) });
  const columnLineage: ColumnLineageFacet = {
    _producer: options.producer,
    _schemaURL: SCHEMA_URL,
    fields: Object.fromEntries(
      lineage.columns.map((column) => [column.name, { inputFields: inputFields(column.inputs, options) }]),
    ),
    dataset: inputFields(lineage.rows, options),
  };
  return {
    inputs: lineage.reads.map(dataset),
    outputs: lineage.writes.map((place) => ({ ...dataset(place), facets: { columnLineage } })),
    columnLineage,
  };
}

const datasetName = ({ database, schema, relation }: RelationName): string => `${database}.${schema}.${relation}`;

/** One entry a field, whatever its paths. */
function inputFields(inputs: readonly Dependence[], options: FacetOptions): FacetInputField[] {
  const fields = new Map<string, FacetInputField>();
  for (const { source, transformations } of inputs) {
    const name = datasetName(source);
    const fieldName = options.fields === 'path' ? source.path : source.column;
    const key = JSON.stringify([name, fieldName]);
    const shown = transformations.map((transformation) => described(transformation, source, options));
    const known = fields.get(key)?.transformations ?? [];
    const added = shown.filter((one) => !known.some((other) => JSON.stringify(other) === JSON.stringify(one)));
    fields.set(key, { namespace: options.namespace, name, field: fieldName, transformations: [...known, ...added] });
  }
  return [...fields.values()];
}

/** A part of a document is not its column as it stands. */
function described(
  transformation: Transformation,
  source: SourceField,
  options: FacetOptions,
): FacetInputField['transformations'][number] {
  const isPart = source.steps.length > 0 || source.part !== 'value';
  const description = source.part === 'value' ? (isPart ? source.path : '') : `${source.part} of ${source.path}`;
  if (options.fields === 'path' || !isPart || transformation.subtype !== 'IDENTITY')
    return { ...transformation, description };
  return { ...transformation, subtype: 'TRANSFORMATION', description };
}
