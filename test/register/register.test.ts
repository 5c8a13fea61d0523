import { register } from '../../lambdas/register/register.ts';
import { landedMessage, readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { type PendingObject, settledNow } from '../../lib/pipeline/state-items.ts';
import { aPendingObject, noon, objectCreatedEvent, runEndedEvent } from '../factories/pipeline.ts';
import { RefreshLane } from '../factories/refresh-lane.ts';
import { ScriptedWarehouse } from '../factories/scripted-warehouse.ts';

const aLane = () => new RefreshLane(new ScriptedWarehouse(() => ({})));
const died = (name: string, status = 'FAILED') => runEndedEvent(name, status);
const landedMessageOf = ({ bucket, key, sizeBytes, eTag, createdAt }: PendingObject) =>
  landedMessage({ bucket, key, sizeBytes, eTag, putAt: createdAt });
const read = (body: string) => readRegisterMessage(body, { datasets: new Set(['brackets']), lanes: new Set(['main']) });

describe('register', () => {
  it('notes an object and starts the run of the lane; told again, changes nothing', async () => {
    const lane = aLane();
    const object = aPendingObject();

    for (let delivery = 0; delivery < 3; delivery++) await lane.arrive(object);

    expect([...lane.table.objects.values()]).toEqual([object]);
    expect(lane.due.map(({ name }) => name)).toEqual(['main-1795176000']);
  });

  it('keeps what it knows of an object that is told again, and starts over with new content', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    await lane.table.markFailed(
      { lane: 'main', generation: (await lane.table.readLane('main'))?.generation ?? 0 },
      aPendingObject(),
      'broken',
    );

    await lane.arrive(aPendingObject());
    expect([...lane.table.objects.values()]).toMatchObject([{ attempts: 1 }]);

    await lane.arrive(aPendingObject({ eTag: 'mended' }));
    expect([...lane.table.objects.values()]).toMatchObject([{ attempts: 0, eTag: 'mended' }]);
  });

  it('starts the run although it died, the time before, between the note and the start', async () => {
    const lane = aLane();
    await lane.table.addPending('main', aPendingObject());

    await lane.arrive(aPendingObject());

    expect(lane.due).toHaveLength(1);
  });

  it('does nothing about an object that is settled, however late the event; new content is another matter', async () => {
    const lane = aLane();
    const { eTag, ...object } = aPendingObject();
    await lane.table.settle('main', object, settledNow({ eTag, outcome: 'loaded', loadId: 'load' }, noon));

    await lane.arrive(aPendingObject());
    await lane.tell(landedMessageOf(aPendingObject()));
    expect(lane.due).toEqual([]);
    expect([...lane.table.objects.values()]).toEqual([]);

    await lane.arrive(aPendingObject({ eTag: 'another' }));
    expect(lane.due).toHaveLength(1);
  });

  it('finds by its writer an object that no event told of, and says that the event is lost', async () => {
    const lane = aLane();
    const confirm = () => register(read(landedMessageOf(aPendingObject())), lane.registerPorts());

    expect(await confirm()).toEqual({ kind: 'eventLost', dataset: 'brackets' });
    expect(await confirm()).toEqual({ kind: 'done' });
    expect([...lane.table.objects.values()]).toEqual([aPendingObject()]);
    expect(lane.due).toHaveLength(1);
  });

  it('starts the run of a confirmed object that nobody has started: the event was given up half way', async () => {
    const lane = aLane();
    await lane.table.addPending('main', aPendingObject());
    await lane.tell(landedMessageOf(aPendingObject()));
    expect(lane.due).toHaveLength(1);
  });

  it('goes on to the next generation when a run died, and only once', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    const [run] = lane.due.splice(0);
    if (run) lane.runs.push({ name: run.name, status: 'FAILED', output: {} });

    await lane.tell(died(run?.name ?? ''));
    await lane.tell(died(run?.name ?? ''));

    expect(lane.due.map(({ name }) => name)).toEqual(['main-1795176001']);
    expect([...lane.table.lanes.values()]).toMatchObject([{ generation: 1795176001, deadRuns: 1 }]);
  });

  it('finds out by itself that a run is closed and has not settled', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    const [run] = lane.due.splice(0);
    if (run) lane.runs.push({ name: run.name, status: 'FAILED', output: {} });

    await lane.arrive(aPendingObject({ name: 'another' }));

    expect(lane.due.map(({ name }) => name)).toEqual(['main-1795176001']);
  });

  it('starts nothing for a lane that is empty after all', async () => {
    const lane = aLane();
    await lane.tell(JSON.stringify({ kind: 'laneNotEmpty', lane: 'main' }));
    expect(lane.due).toEqual([]);
  });

  it('says of the store when it is out of reach, so that the message comes again', async () => {
    const lane = aLane();
    const ports = lane.registerPorts();
    const start = () => Promise.reject(new Error('throttled'));
    const message = read(objectCreatedEvent(aPendingObject()));
    await expect(register(message, { ...ports, executions: { start } })).rejects.toThrow('throttled');
  });
});

describe('a message', () => {
  it('that a reload died asks for a look at the lane: it may have changed a dataset and told nobody', () => {
    expect(read(died('rebuild_whole-1795176261-brackets-1'))).toEqual({ kind: 'laneNotEmpty', lane: 'main' });
  });

  it.each([
    ['not JSON at all', '{'],
    ['JSON of no kind', '{"hello":1}'],
    ['null', 'null'],
    ['an object under another prefix', objectCreatedEvent(aPendingObject({ key: 'quarantine/brackets/x.gz' }))],
    ['an object that ingest does not write', objectCreatedEvent(aPendingObject({ key: 'raw/brackets/readme.txt' }))],
    ['a dataset of another stack', objectCreatedEvent(aPendingObject({ dataset: 'others' }))],
    ['a run of something else', died('nightly-cleanup')],
    ['a run of another lane', died('fast-17')],
    ['a run that settled', died('main-17', 'SUCCEEDED')],
  ])('that is %s is ignored with a reason, never thrown at', (_what, body) => {
    expect(read(body)).toEqual({ kind: 'ignored', reason: expect.any(String) });
  });
});
