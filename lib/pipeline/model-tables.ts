import type { CompiledModel } from './models/model.ts';
import { modelWriterTable, required, type Table } from './tables.ts';

type Named = Pick<CompiledModel, 'name' | 'table' | 'materialization'>;

/** Whether a model keeps its rows and is told what has changed. */
export const followsChanges = ({ materialization }: Pick<CompiledModel, 'materialization'>): boolean =>
  materialization === 'incremental' || materialization === 'history';

/** Up to which change of its inputs a model's rows tell of them; written with the rows, under the lock of its writer. */
export function modelMarksTable(model: Pick<Named, 'name' | 'table'>): Table {
  const writer = modelWriterTable(model);
  return {
    schema: writer.schema,
    name: writer.name.replace('writer_of', 'marks_of'),
    columns: [required('input', 'VARCHAR(256)'), required('sequence', 'BIGINT'), required('definition', 'VARCHAR(64)')],
    comment: `Up to which of its changes each dataset is in ${model.name}, and which publish of each model`,
  };
}

/** The books of a model, beside its own table. */
export function modelTables(model: Named): Table[] {
  return [modelWriterTable(model), ...(followsChanges(model) ? [modelMarksTable(model)] : [])];
}
