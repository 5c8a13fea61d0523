import { noticed, sabotages } from './sabotage.ts';
import { SimulationGround } from './simulate.ts';

/** Each of the sabotages is noticed within so many seeds. */
const seedsToNotice = 80;

describe('a pipeline that was broken on purpose', () => {
  let ground: SimulationGround;
  beforeAll(async () => {
    ground = new SimulationGround();
    await ground.redshift;
  });
  afterAll(() => ground.close());

  it.each(Object.entries(sabotages))('is found out when %s', async (_name, sabotage) => {
    expect(await noticed(ground, sabotage, seedsToNotice)).toBeDefined();
  });
});
