import { Command } from 'commander';
import { addModelReadCommands } from '../../bin/commands/models-read.ts';

/** What a command prints, run in this process, in this checkout. */
async function printed(...words: string[]): Promise<string> {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const program = new Command('millrace');
    addModelReadCommands(program);
    await program.parseAsync(words, { from: 'user' });
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

test('ls lists the models that are meant, in the order in which they are built', async () => {
  const all = JSON.parse(await printed('ls', '--json')) as { name: string; reads: string[]; columns: object[] }[];
  const names = all.map(({ name }) => name);
  for (const [index, { reads }] of all.entries()) {
    for (const read of reads.filter((one) => names.includes(one))) expect(names.indexOf(read)).toBeLessThan(index);
  }
  const daily = all.find(({ name }) => name === 'mart.daily_kpi');
  expect(daily?.columns).toContainEqual({ name: 'day', type: 'date', label: 'Day', description: 'The day, UTC' });
  const table = await printed('ls', '+daily_kpi', '--exclude', 'mart.daily_kpi');
  expect(table).toContain('mart.certified_tournaments');
  expect(table).not.toMatch(/│ mart\.daily_kpi /);
  expect(await printed('ls', 'daily_kpi', '--exclude', 'daily_*')).toBe('No model is left.\n');
});

test('a name that is none is refused with the one that was meant', async () => {
  await expect(printed('ls', 'mart.dialy_kpi')).rejects.toThrow('did you mean mart.daily_kpi?');
  await expect(printed('lineage', 'mart.daily_kpi.dya')).rejects.toThrow('did you mean day?');
});

test('the lineage of a model is drawn both ways, or one', async () => {
  const both = await printed('lineage', 'mart.certified_tournaments');
  expect(both).toMatch(/is built from\n.*─ latest\.brackets\n.*is read by\n.*mart\.daily_kpi/s);
  expect(await printed('lineage', 'mart.certified_tournaments', '--upstream')).not.toContain('is read by');
  expect(await printed('lineage', 'latest.organizers', '--downstream')).toContain('mart.certified_tournaments\n');
});

test('the lineage of a column goes down to the path in the dataset', async () => {
  const text = await printed('lineage', 'mart.certified_tournaments.last_match_ended_at', '--upstream');
  expect(text).toContain(
    '└─ staging.matches.ended_at  aggregation\n   └─ latest.brackets.payload.matches[*].endedAt  transformation',
  );
  const { readers } = JSON.parse(await printed('lineage', 'latest.brackets.payload.matches', '--json')) as {
    readers: { table: string; column: string }[];
  };
  expect(readers).toContainEqual(expect.objectContaining({ table: 'staging.matches', column: 'ended_at' }));
});

test('the models on the way are told as OpenLineage, a line each', async () => {
  const lines = (await printed('lineage', 'daily_kpi', '--upstream', '--open-lineage')).trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { job: { name: string }; inputs: { name: string }[] });
  expect(events.map(({ job }) => job.name)).toContain('mart.certified_tournaments');
  expect(events.find(({ job }) => job.name === 'mart.daily_kpi')?.inputs.map(({ name }) => name)).toContain(
    'prod.mart.certified_tournaments',
  );
});
