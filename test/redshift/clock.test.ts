import { openRedshift } from '../../local/redshift/engine/open.ts';

test('the clock goes on inside a transaction for TIMEOFDAY and GETDATE; for SYSDATE it stands still', async () => {
  const redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
  const session = await redshift.session({ database: 'dev', user: 'admin' });
  const read = async (): Promise<readonly (string | null)[]> =>
    (await session.execute('select sysdate, timeofday(), abs(datediff(s, sysdate, getdate())) < 60')).at(-1)
      ?.rows?.[0] ?? [];
  try {
    await session.execute('BEGIN');
    const [start, first, isNear] = await read();
    const deadline = Date.now() + 5000;
    let [still, next] = await read();
    while (next === first && Date.now() < deadline) [still, next] = await read();
    expect(isNear).toBe('t');
    expect(still).toBe(start);
    expect(next).not.toBe(first);
    expect(next).toMatch(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{6} \d{4} UTC$/);
  } finally {
    await redshift.close();
  }
});
