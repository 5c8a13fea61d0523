import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { type CloudContext, type CloudModule, type Physical, resourceType } from '../resource.ts';
import { prepareDefinition } from './definition.ts';
import { StatesService } from './states-service.ts';
import { type TaskHandler, taskHandler, waitHandler } from './tasks.ts';

const logDestination = z.strictObject({ CloudWatchLogsLogGroup: z.strictObject({ LogGroupArn: z.string() }) });

const machineProperties = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.literal('STANDARD').optional(),
  RoleArn: z.string(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  LoggingConfiguration: z
    .strictObject({
      Destinations: z.array(logDestination).optional(),
      IncludeExecutionData: z.boolean().optional(),
      Level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']).default('OFF'),
    })
    .optional(),
  TracingConfiguration: z.strictObject({ Enabled: z.boolean() }).optional(),
  Tags: z.unknown().optional(),
});
type MachineProperties = z.infer<typeof machineProperties>;

/** Step Functions delivers logs through the account's log deliveries, which know no resources. */
const loggingActions = [
  'CreateLogDelivery',
  'GetLogDelivery',
  'UpdateLogDelivery',
  'DeleteLogDelivery',
  'ListLogDeliveries',
]
  .concat(['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'])
  .map((action) => `logs:${action}`);
const tracingActions = ['PutTraceSegments', 'PutTelemetryRecords', 'GetSamplingRules', 'GetSamplingTargets'].map(
  (action) => `xray:${action}`,
);

const machine = resourceType({
  type: 'AWS::StepFunctions::StateMachine',
  properties: machineProperties,
  async create({ logicalId, properties }, context): Promise<Physical> {
    const name = properties.StateMachineName ?? context.physicalName(logicalId, 80);
    const arn = context.arn('states', `stateMachine:${name}`);
    const { RoleArn: roleArn } = properties;
    context.identities.assertTrusts(roleArn, 'states.amazonaws.com', { logicalId });
    const text = substituted(logicalId, properties);
    const definition = prepareDefinition(logicalId, text, context.speed.waitScale);
    const handlers = handlersOf(logicalId, definition, roleArn, context);
    const states = context.services.of(StatesService);
    states.declare({ arn, name, roleArn, text, definition, handlers, createdAt: context.clock.now() });
    return {
      ref: arn,
      attributes: { Arn: arn, Name: name, StateMachineRevisionId: 'INITIAL' },
      start: async () => {
        checkGrants(properties, context);
        await states.recover(arn);
      },
    };
  },
});

function handlersOf(
  logicalId: string,
  { tasks, types }: ReturnType<typeof prepareDefinition>,
  roleArn: string,
  context: CloudContext,
): Map<string, TaskHandler> {
  const principal = { kind: 'role', roleArn } as const;
  const handlers = new Map<string, TaskHandler>();
  for (const [state, resource] of tasks)
    handlers.set(state, taskHandler(logicalId, state, resource, { context, principal }));
  for (const [state, type] of types) if (type === 'Wait') handlers.set(state, waitHandler(context));
  return handlers;
}

/** `${Name}` in the definition becomes the substitution's value; a name without one is an error. */
function substituted(logicalId: string, { DefinitionString, DefinitionSubstitutions }: MachineProperties): string {
  return DefinitionString.replace(/\$\{([\w-]+)\}/g, (_whole, name: string) => {
    const value = DefinitionSubstitutions[name];
    if (value !== undefined) return JSON.stringify(String(value)).slice(1, -1);
    throw new MillraceError(
      'BAD_STATE_MACHINE',
      `${logicalId}: the definition has \${${name}}, for which there is no substitution`,
    );
  });
}

/** AWS refuses a state machine whose role may not deliver its logs; missing traces would be silence. */
function checkGrants(properties: MachineProperties, context: CloudContext): void {
  const principal = { kind: 'role', roleArn: properties.RoleArn } as const;
  const logs = (properties.LoggingConfiguration?.Level ?? 'OFF') !== 'OFF' ? loggingActions : [];
  const traces = properties.TracingConfiguration?.Enabled ? tracingActions : [];
  for (const action of [...logs, ...traces]) context.authorizer.authorize(principal, action, '*');
}

/** Step Functions. */
export const statesModule: CloudModule = {
  resourceTypes: [machine],
  async openServices(context) {
    return [new StatesService(context)];
  },
};
