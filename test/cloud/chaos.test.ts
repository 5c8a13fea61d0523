import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Chaos, chaosVariable, readChaos } from '../../local/cloud/lambda/chaos.ts';
import { clientOf, lambda, role, writeStack } from './stack-on-disk.ts';

const counter = `
  let count = 0;
  export const handler = async () => {
    count += 1;
    console.log('began');
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log('ended');
    return count;
  };`;

test('chaos is off unless the environment asks for it, and what is written wrongly is said', () => {
  expect(readChaos({})).toBeUndefined();
  expect(readChaos({ [chaosVariable]: '' })).toBeUndefined();
  expect(readChaos({ [chaosVariable]: 'seed=7;killFunctions=0.25' })).toEqual({ seed: 7, killFunctions: 0.25 });
  for (const text of ['yes', 'seed=7', 'seed=7;killFunctions=2', 'seed=7;killFunctions=0.1;more=1']) {
    expect(() => readChaos({ [chaosVariable]: text })).toThrow(/write it as seed=1;killFunctions=0.01/);
  }
});

test('the same seed strikes the same invocations', () => {
  const strikes = (seed: number) => {
    const chaos = new Chaos({ seed, killFunctions: 0.5 }, () => undefined);
    return Array.from({ length: 20 }, () => chaos.strike());
  };
  expect(strikes(1)).toEqual(strikes(1));
  expect(strikes(1)).not.toEqual(strikes(2));
});

test('a function dies before, during or after its work; its caller learns as much as of a crash, and the next has a new one', async () => {
  // Given a function of which every other invocation, or so, is killed
  const stack = writeStack(
    { Resources: { NobodyRole: role([]), Counter: lambda('counter', 'NobodyRole') } },
    { counter },
  );
  const killed: string[] = [];
  const chaos = new Chaos({ seed: 3, killFunctions: 0.5 }, (functionName, moment) =>
    killed.push(`${functionName} ${moment}`),
  );
  const cloud = await stack.start({ modules: [], chaos });
  const client = new LambdaClient(clientOf(cloud));
  const [{ physical } = { physical: { ref: '' } }] = cloud.resources.filter(({ logicalId }) => logicalId === 'Counter');
  // When it is invoked often enough for every kind of death
  const answers: { error: string | undefined; value: unknown; output: string[] }[] = [];
  while (new Set(killed).size < 3 && answers.length < 100) {
    stack.events.length = 0;
    const answer = await client.send(new InvokeCommand({ FunctionName: physical.ref }));
    const output = stack.events.flatMap((event) => (event.kind === 'log' ? [event.line] : []));
    answers.push({ error: answer.FunctionError, value: JSON.parse(answer.Payload?.transformToString() ?? ''), output });
  }
  client.destroy();
  await cloud.close();
  stack.remove();
  // Then each death is a crash to the caller, and the one after it starts anew
  expect(new Set(killed)).toEqual(new Set(['Counter before', 'Counter during', 'Counter after']));
  const deaths = answers.filter(({ error }) => error);
  expect(deaths).toHaveLength(killed.length);
  for (const { error, value } of deaths) {
    expect(error).toBe('Unhandled');
    expect(value).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/^RequestId: .* signal: killed$/),
    });
  }
  const outputs = (moment: string) =>
    deaths.filter((_, index) => killed[index] === `Counter ${moment}`).map(({ output }) => output);
  for (const output of outputs('before')) expect(output).toEqual([]);
  for (const output of outputs('after')) expect(output).toEqual(['began', 'ended']);
  for (const output of outputs('during')) expect(output).not.toContain('ended');
  for (const [index, { error }] of answers.entries()) {
    if (error && answers[index + 1]?.error === undefined && answers[index + 1])
      expect(answers[index + 1]?.value).toBe(1);
  }
});
