import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Synthesis, synthesize } from '../../lib/app.ts';
import { parseConfig } from '../../lib/config/config.ts';
import { compiledModels } from '../../lib/pipeline/models/model.ts';
import demo from '../../millrace.config.ts';
import { resourcesOf } from './template.ts';

let outdir: string;
let synthesis: Synthesis;

beforeAll(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'millrace-synthesis-'));
  synthesis = await synthesize(parseConfig(demo), { outdir, validate: false });
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** The folder of a function's code, as the template names it. */
function codeOf(name: string): string {
  const functions = Object.fromEntries(resourcesOf(synthesis.template, 'AWS::Lambda::Function'));
  const { S3Key } = (functions[name]?.Code ?? {}) as { S3Key: string };
  return join(synthesis.assetsDirectory, `asset.${S3Key.replace('.zip', '')}`);
}

describe('synthesizing in this process', () => {
  it('says where the template and the code are', () => {
    expect(synthesis.stackName).toBe('Millrace-tournaments-prod');
    expect(JSON.parse(readFileSync(synthesis.templatePath, 'utf8'))).toEqual(synthesis.template);
    for (const [name] of resourcesOf(synthesis.template, 'AWS::Lambda::Function')) {
      expect(existsSync(join(codeOf(name), 'index.mjs'))).toBe(true);
    }
  });

  it('compiles the models of the demo into the code of the refresh, and watches each', () => {
    const models = compiledModels.parse(JSON.parse(readFileSync(join(codeOf('RefreshNext'), 'models.json'), 'utf8')));
    expect(models).toHaveLength(12);
    const alarms = new Set(resourcesOf(synthesis.template, 'AWS::CloudWatch::Alarm').map(([name]) => name));
    const inCapitals = (name: string) =>
      name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(models.filter(({ name }) => !alarms.has(`Observe${inCapitals(name)}NotPublished`))).toEqual([]);
  });
});
