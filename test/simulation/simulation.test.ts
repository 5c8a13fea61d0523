import { SimulationGround } from './simulate.ts';

/** As many as fit: `npm run simulate -- --seeds 10000` plays as many as wanted. */
const seeds = 200;

describe('the pipeline in a world where everything goes wrong', () => {
  let ground: SimulationGround;
  beforeAll(async () => {
    ground = new SimulationGround();
    await ground.redshift;
  });
  afterAll(() => ground.close());

  it('loses nothing, doubles nothing and lets the last write win', async () => {
    const bad: object[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violations } = await ground.simulate(seed);
      if (violations.length > 0) bad.push({ seed, violations });
    }
    expect(bad).toEqual([]);
  }, 240_000);

  it('is the same history for the same seed', async () => {
    const [one, other] = [await ground.simulate(7), await ground.simulate(7)];
    expect(other.timeline).toEqual(one.timeline);
  });
});
