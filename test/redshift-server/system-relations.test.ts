import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { prepareHistory } from '../../local/redshift/catalog/history.ts';
import { CATALOG_TABLES, CLUSTER_TABLES } from '../../local/redshift/catalog/model.ts';
import { systemRelations } from '../../local/redshift/catalog/views/index.ts';

const session = { database: 'prod', databases: ['prod', 'dev'], user: 'admin', superuser: true, sessionId: 1 };

/** The relations' SQL against the catalog's own tables, without an engine: every one must run and answer its columns. */
describe('system relations', () => {
  let connection: DuckDBConnection;

  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const database of ['prod', 'dev', 'millrace_cluster'])
      await connection.run(`ATTACH ':memory:' AS ${database}`);
    for (const database of ['prod', 'dev']) {
      await connection.run(`CREATE SCHEMA ${database}.millrace_catalog`);
      for (const [name, columns] of Object.entries(CATALOG_TABLES)) {
        await connection.run(`CREATE TABLE ${database}.millrace_catalog.${name} (${columns})`);
      }
    }
    for (const [name, columns] of Object.entries(CLUSTER_TABLES)) {
      await connection.run(`CREATE TABLE millrace_cluster.main.${name} (${columns})`);
    }
    await prepareHistory(connection);
    await connection.run(`
      INSERT INTO millrace_cluster.main.users VALUES (100, 'admin', true, true, 'x', NULL, NULL);
      INSERT INTO prod.millrace_catalog.schemas VALUES (1, 'mart', 'admin');
      INSERT INTO prod.millrace_catalog.relations VALUES (7, 'mart', 'kpi', 'table', 'admin', NULL, 'key', 'compound', 'said', '2026-01-01', '');
      INSERT INTO prod.millrace_catalog.columns VALUES
        (7, 1, 1, 'id', 'int4', 'integer', NULL, NULL, NULL, true, NULL, 'az64', true, 1, 1, 1, NULL),
        (7, 2, 2, 'name', 'varchar', 'character varying(50)', 50, NULL, NULL, false, '''x''', 'lzo', false, 0, NULL, NULL, NULL),
        (7, 3, 3, 'sum', 'decimal', 'numeric(12,2)', NULL, 12, 2, false, NULL, 'raw', false, 0, NULL, NULL, NULL),
        (7, 4, 4, 'payload', 'super', 'super', NULL, NULL, NULL, false, NULL, 'zstd', false, 0, NULL, NULL, NULL)`);
  });

  it('has each name once', () => {
    const names = systemRelations.map((relation) => `${relation.schema}.${relation.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(systemRelations.map((relation) => [relation.name, relation] as const))(
    '%s answers its columns',
    async (_, relation) => {
      const result = await connection.runAndReadAll(relation.sql(session));
      expect(result.columnNames()).toEqual(relation.columns.map((_column, index) => `c${index + 1}`));
    },
  );

  async function rows(name: string, columns: string): Promise<unknown[]> {
    const relation = systemRelations.find((candidate) => candidate.name === name);
    if (!relation) throw new Error(name);
    const aliases = relation.columns.map((column) => `"${column.name}"`).join(', ');
    const sql = `SELECT ${columns} FROM (${relation.sql(session)}) AS r(${aliases}) ORDER BY ALL`;
    return (await connection.runAndReadAll(sql)).getRowsJson();
  }

  it('shows a table as Redshift shows it', async () => {
    expect(await rows('pg_table_def', '"column", type, encoding, distkey, sortkey, "notnull"')).toEqual([
      ['id', 'integer', 'az64', true, 1, true],
      ['name', 'character varying(50)', 'lzo', false, 0, false],
      ['payload', 'super', 'zstd', false, 0, false],
      ['sum', 'numeric(12,2)', 'none', false, 0, false],
    ]);
    expect(await rows('pg_attribute', 'attnum, atttypid, atttypmod, attlen')).toEqual([
      [1, '23', -1, 4],
      [2, '1043', 54, -1],
      [3, '1700', 12 * 65536 + 2 + 4, -1],
      [4, '4000', -1, -1],
    ]);
    const columns =
      'column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, column_default';
    expect(await rows('svv_columns', columns)).toEqual([
      ['id', 'integer', null, 32, 0, '"identity"(7, 0)'],
      ['name', 'character varying', 50, null, null, "'x'"],
      ['payload', 'super', null, null, null, null],
      ['sum', 'numeric', null, 12, 2, null],
    ]);
    expect(await rows('svv_table_info', '"table", diststyle, sortkey1, max_varchar')).toEqual([
      ['kpi', 'KEY(id)', 'id', 50],
    ]);
  });

  it('shows all databases where Redshift does', async () => {
    expect(await rows('svv_all_schemas', 'database_name, schema_name')).toEqual([
      ['dev', 'information_schema'],
      ['dev', 'pg_catalog'],
      ['prod', 'information_schema'],
      ['prod', 'mart'],
      ['prod', 'pg_catalog'],
    ]);
  });
});
