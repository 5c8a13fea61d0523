/**
 * The box beside the same work written by hand for DuckDB on JSON text, in one run on one machine; the numbers that count are the ratios.
 * Run: node bench/redshift.ts [--rows N] [--files N] [--rounds N]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import Table from 'cli-table3';
import { openRedshift } from '../local/redshift/engine/open.ts';
import type { ObjectStore, Session } from '../local/redshift/types.ts';
import { translationMilliseconds } from './redshift-translation.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    files: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
  },
});
const rowCount = Number(values.rows);
const fileCount = Number(values.files);
const rounds = Number(values.rounds);

interface Work {
  readonly name: string;
  /** How many times the time by hand the box may take. */
  readonly allowed: number;
  readonly box: () => Promise<unknown>;
  readonly byHand: () => Promise<unknown>;
}

/** An order of about 300 bytes: nested objects, an array to unnest, texts, integers and decimals. */
function order(id: number): string {
  const item = (n: number): object => ({ sku: `sku-${(id * 7 + n) % 97}`, quantity: (id + n) % 5, price: n + 0.25 });
  return JSON.stringify({
    id: `order-${String(id).padStart(9, '0')}`,
    payload: {
      customer: { id: id % 5003, country: ['de', 'fr', 'nl', 'se', 'it'][id % 5], name: `Zoë ${id % 811}` },
      placed: `2026-01-${String((id % 28) + 1).padStart(2, '0')}T10:00:00Z`,
      total: (id % 1000) + 0.5,
      items: [item(1), item(2), item(3)],
    },
  });
}

async function makeFiles(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (let file = 0; file < fileCount; file += 1) {
    const ids: number[] = [];
    for (let id = file; id < rowCount; id += fileCount) ids.push(id);
    const packed = gzipSync(ids.map((id) => `${order(id)}\n`).join(''));
    files.set(`s3://lake/orders/${file}.gz`, packed);
    await writeFile(join(directory, `${file}.ndjson.gz`), packed);
  }
  return files;
}

const storeOf = (files: ReadonlyMap<string, Buffer>): ObjectStore => ({
  get: async (uri) => files.get(uri) ?? Promise.reject(new Error(`no ${uri}`)),
  put: async () => undefined,
  list: async (prefix) =>
    [...files].filter(([uri]) => uri.startsWith(prefix)).map(([uri, body]) => ({ uri, sizeBytes: body.length })),
});

function works(box: (sql: string) => Promise<unknown>, hand: DuckDBConnection, directory: string): Work[] {
  const byHand = (sql: string) => async () => {
    for (const each of sql.split(';')) await hand.runAndReadAll(each);
  };
  const inBox = (sql: string) => () => box(sql);
  const files = `'${directory}/*.ndjson.gz'`;
  return [
    {
      name: 'COPY, keys into columns',
      allowed: 1.5,
      box: inBox(`truncate orders; copy orders from 's3://lake/orders/' iam_role default format json 'auto' gzip`),
      byHand: byHand(
        `DELETE FROM orders; INSERT INTO orders SELECT id, payload FROM read_ndjson(${files}, columns = {id: 'VARCHAR', payload: 'JSON'})`,
      ),
    },
    {
      name: 'COPY, whole rows',
      allowed: 1.5,
      box: inBox(
        `truncate documents; copy documents from 's3://lake/orders/' iam_role default format json 'noshred' gzip`,
      ),
      byHand: byHand(`DELETE FROM documents; INSERT INTO documents SELECT json FROM read_ndjson_objects(${files})`),
    },
    {
      name: 'navigation, GROUP BY',
      allowed: 1.5,
      box: inBox('select o.payload.customer.country, count(*) from orders o group by 1'),
      byHand: byHand(`SELECT json_extract(payload, '$.customer.country'), count(*) FROM orders GROUP BY 1`),
    },
    {
      name: 'unnest, GROUP BY',
      allowed: 1.5,
      box: inBox('select i.sku, count(*) from orders o, o.payload.items i group by 1'),
      byHand: byHand(
        `SELECT json_extract(item, '$.sku'), count(*) FROM (SELECT unnest(CAST(json_extract(payload, '$.items') AS JSON[])) AS item FROM orders) GROUP BY 1`,
      ),
    },
    {
      name: 'json_parse',
      allowed: 3,
      box: inBox('create table parsed as select json_parse(t) as s from texts; drop table parsed'),
      byHand: byHand('CREATE TABLE parsed AS SELECT json(t) AS s FROM texts; DROP TABLE parsed'),
    },
  ];
}

type Times = readonly [boxMilliseconds: number, handMilliseconds: number];

async function measure(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** What the goal is about: a load and the query over what it loaded, together. */
const sums: readonly (readonly [load: string, query: string])[] = [
  ['COPY, keys into columns', 'navigation, GROUP BY'],
  ['COPY, keys into columns', 'unnest, GROUP BY'],
];

/** The best of some rounds, box and hand in turn, so that both meet the same machine. */
async function compare(work: Work): Promise<Times> {
  let [box, hand] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round += 1) {
    hand = Math.min(hand, await measure(work.byHand));
    box = Math.min(box, await measure(work.box));
  }
  return [box, hand];
}

async function prepare(session: Session, hand: DuckDBConnection): Promise<void> {
  await session.execute('create table orders (id varchar(64), payload super)');
  await session.execute('create table documents (document super)');
  await hand.run('CREATE TABLE orders (id VARCHAR, payload VARCHAR); CREATE TABLE documents (document VARCHAR)');
}

/** The texts that json_parse reads, once both have loaded the orders. */
async function prepareTexts(session: Session, hand: DuckDBConnection): Promise<void> {
  await session.execute('create table texts as select json_serialize(payload) as t from orders');
  await hand.run('CREATE TABLE texts AS SELECT payload AS t FROM orders');
}

async function run(directory: string): Promise<void> {
  const files = await makeFiles(directory);
  const bytes = [...files.values()].reduce((sum, body) => sum + body.length, 0);
  const instance = await DuckDBInstance.create(':memory:');
  const hand = await instance.connect();
  const admin = { user: 'admin', password: 'admin' };
  const redshift = await openRedshift({
    databases: ['dev'],
    admin,
    objectStore: storeOf(files),
    defaultRoleArn: 'copy',
  });
  const session = await redshift.session({ database: 'dev', user: 'admin' });
  await prepare(session, hand);
  const table = new Table({
    head: ['work', 'box ms', 'by hand ms', 'ratio', 'allowed'],
    style: { head: [], border: [] },
  });
  const report = (name: string, [box, byHand]: Times, allowed: number): void => {
    table.push([name, box.toFixed(0), byHand.toFixed(0), (box / byHand).toFixed(2), allowed.toFixed(1)]);
  };
  const times = new Map<string, Times>();
  for (const work of works((sql) => session.execute(sql), hand, directory)) {
    if (work.name === 'json_parse') await prepareTexts(session, hand);
    times.set(work.name, await compare(work));
    report(work.name, times.get(work.name) as Times, work.allowed);
  }
  for (const [load, query] of sums) {
    const [first, second] = [times.get(load) as Times, times.get(query) as Times];
    report(`${load} + ${query}`, [first[0] + second[0], first[1] + second[1]], 1.5);
  }
  const average = Buffer.byteLength(order(1));
  console.log(`${rowCount} rows of about ${average} bytes in ${fileCount} gzip files of ${bytes} bytes in all`);
  console.log(table.toString());
  console.log(`translation of a typical model: ${(await translationMilliseconds()).toFixed(2)} ms (5 allowed)`);
  await session.close();
  await redshift.close();
}

const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
try {
  await run(directory);
} finally {
  await rm(directory, { recursive: true, force: true });
}
