import { parseConfig } from '../../lib/config/config.ts';
import { missingForDemo } from '../../local/demo/demo.ts';
import config from '../../millrace.config.ts';

describe('the demo is played where its sources are', () => {
  const { datasets } = parseConfig(config);

  test('in the configuration as it comes', () => {
    expect(missingForDemo(datasets)).toEqual([]);
  });

  test('not where somebody has put their own sources in their place, and it is said which are missing', () => {
    const { brackets, app_logs } = datasets;
    if (!brackets || !app_logs) throw new Error('the configuration has both');
    expect(missingForDemo({ app_logs, orders: brackets, organizers: brackets })).toEqual(['brackets', 'organizers']);
  });
});
