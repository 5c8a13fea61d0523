import fs from 'node:fs';
import path from 'node:path';
import { beginJourney, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}
interface Policies {
  Policies?: { PolicyDocument: { Statement: Statement[] } }[];
  PolicyDocument?: { Statement: Statement[] };
}
interface Template {
  Resources: Record<string, { Type: string; Properties: Policies }>;
}

const actionsOf = (statement: Statement): string[] => [statement.Action].flat();

/** The template without one action of one role; fails where the role never had it, so that a test cannot pass by accident. */
function without(template: Template, role: RegExp, action: string): Template {
  const copy = structuredClone(template);
  let taken = 0;
  for (const [id, { Type, Properties }] of Object.entries(copy.Resources)) {
    if (!Type.startsWith('AWS::IAM::') || !role.test(id)) continue;
    const documents = [...(Properties.Policies ?? []).map((one) => one.PolicyDocument), Properties.PolicyDocument];
    for (const statement of documents.flatMap((document) => document?.Statement ?? [])) {
      const kept = actionsOf(statement).filter((one) => one !== action);
      taken += actionsOf(statement).length - kept.length;
      // A statement needs an action: one that nobody calls stands in for none.
      statement.Action = kept.length > 0 ? kept : 'none:None';
    }
  }
  if (taken === 0) throw new Error(`no role ${role} with ${action} in the template`);
  return copy;
}

describe('a grant taken out of the stack fails the local run, by name', () => {
  let stack: SynthesizedDemo;
  let template: Template;

  beforeAll(async () => {
    stack = await synthesizeDemo();
    template = JSON.parse(fs.readFileSync(stack.synthesis.templatePath, 'utf8')) as Template;
  });
  afterAll(() => stack.remove());

  test.each([
    ['landing a batch', /IngestBrackets/, 's3:PutObject'],
    ['reading the stream', /IngestBrackets/, 'dynamodb:GetRecords'],
    ['starting the refresh', /Register/, 'states:StartExecution'],
    ['reading the inbox', /RefreshPlan/, 'dynamodb:Query'],
    ['submitting a statement', /RefreshStateMachine/, 'redshift-data:BatchExecuteStatement'],
    ['sending what builds a model', /RefreshAdvance/, 'redshift-data:BatchExecuteStatement'],
    ['COPY reading the lake', /CopyRole|WarehouseCopy/, 's3:GetObject'],
  ])('%s: %s without %s', async (story, role, action) => {
    const name = story.replaceAll(' ', '-');
    // Beside the original, so that its assets are found.
    const templatePath = path.join(path.dirname(stack.synthesis.templatePath), `${name}.template.json`);
    fs.writeFileSync(templatePath, JSON.stringify(without(template, role, action)));
    const denied = await denialOf(path.join(stack.folder, name), templatePath, action);
    expect(denied).toContain(action);
    expect(denied).toMatch(/on resource: arn:aws:/);
    expect(denied).toMatch(role);
  });

  /** What the run says: at its start, where AWS too would refuse to create the resource, or on the way. */
  async function denialOf(stateDirectory: string, templatePath: string, action: string): Promise<string> {
    const journey = await beginJourney(stack, stateDirectory, templatePath).catch((error: Error) => error);
    if (journey instanceof Error) return journey.message;
    try {
      await journey.demo.play(() => undefined);
      return await journey.untilBad((text) => text.includes(action));
    } finally {
      await journey.end();
    }
  }
});
