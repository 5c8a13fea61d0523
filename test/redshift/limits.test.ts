import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';

const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n';
const promptMilliseconds = 3_000;

describe('what a statement may take', () => {
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    session = await redshift.session({ database: 'dev', user: 'admin' });
    await session.execute(`create table t (letters varchar(50)); insert into t values ('${'a'.repeat(40)}b')`);
  });
  afterAll(() => redshift.close());

  it.each([
    ['REPEAT', "select len(repeat('x', 1000000000))", '54000'],
    ['LPAD', "select len(lpad('x', 1000000000))", '54000'],
    ['RPAD', "select len(rpad('x', 1000000000, 'ab'))", '54000'],
    ['REPLACE', "select len(replace(repeat('x', 60000), 'x', repeat('y', 60000)))", '54000'],
    ['a statement over 16 MB', `select '${'x'.repeat(16 * 1024 * 1024)}'`, '54000'],
    ['a query of 1665 columns', `select 1${', 1'.repeat(1664)}`, '54011'],
    ['20,000 parentheses', `select ${'('.repeat(20_000)}1${')'.repeat(20_000)}`, '0A000'],
    ['a pattern that goes back and forth', "select regexp_count(letters, '(a+)+$') from t", '54001'],
  ])('%s is refused', async (_, text, sqlState) => {
    await expect(session.execute(text)).rejects.toMatchObject({ sqlState });
  });

  it.each<[string, (string | null)[]]>([
    ["select len(repeat('ab', 30000)), repeat(null, 3), repeat('a', -1), repeat('é', 2)", ['60000', null, '', 'éé']],
    ["select lpad('x', 3), lpad('abc', 5, 'xy'), rpad('abc', 2, ''), lpad(null, 3)", ['  x', 'xyabc', 'ab', null]],
    [
      "select replace('abcabc', 'b', 'zz'), len(replace(repeat('x', 60000), 'yy', repeat('y', 60000)))",
      ['azzcazzc', '60000'],
    ],
  ])('%s is answered', async (text, row) => {
    const [result] = await session.execute(text);
    expect(result?.rows).toEqual([row]);
  });

  it('a list of 10,000 is answered', async () => {
    const list = Array.from({ length: 10_000 }, (_, index) => index);
    const [result] = await session.execute(`select count(*) from (select 7 as a) where a in (${list})`);
    expect(result?.rows).toEqual([['1']]);
  });

  it('ends a statement at statement_timeout, and the next one runs', async () => {
    await session.execute('set statement_timeout to 200');
    const startedAt = performance.now();
    await expect(session.execute(endless)).rejects.toMatchObject({ sqlState: '57014' });
    expect(performance.now() - startedAt).toBeLessThan(promptMilliseconds);
    await session.execute('reset statement_timeout');
    await expect(session.execute('select 1')).resolves.toHaveLength(1);
  });

  it('ends a statement that is cancelled', async () => {
    const running = session.execute(endless);
    const startedAt = performance.now();
    const again = setInterval(() => session.cancel(), 20);
    await expect(running).rejects.toMatchObject({ sqlState: '57014' });
    clearInterval(again);
    expect(performance.now() - startedAt).toBeLessThan(promptMilliseconds);
  });
});
