import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { type CloudContext, type CloudModule, resourceType } from '../resource.ts';
import { EventsService } from './events-service.ts';
import { compilePattern } from './pattern.ts';
import { serviceOf, type Target, targetServices } from './target.ts';

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  // Targets here answer at once: a refusal is final, so there is nothing to try again.
  RetryPolicy: z
    .strictObject({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
});

const rule = resourceType({
  type: 'AWS::Events::Rule',
  properties: z.strictObject({
    Name: z.string().optional(),
    Description: z.string().optional(),
    EventBusName: z.literal('default').optional(),
    EventPattern: z.record(z.string(), z.unknown()),
    State: z.enum(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']).default('ENABLED'),
    Targets: z.array(target).default([]),
    Tags: z.unknown().optional(),
  }),
  async create({ logicalId, properties }, context) {
    const name = properties.Name ?? context.physicalName(logicalId, 64);
    const arn = context.arn('events', `rule/${name}`);
    const matches = compilePattern(properties.EventPattern, `${logicalId}.EventPattern`);
    const targets = properties.Targets.map((declared) => readTarget(logicalId, declared, context));
    if (properties.State !== 'DISABLED') context.services.of(EventsService).declare({ name, arn, matches, targets });
    return { ref: name, attributes: { Arn: arn } };
  },
});

function readTarget(logicalId: string, declared: z.infer<typeof target>, context: CloudContext): Target {
  const { Id: id, Arn: arn, RoleArn: roleArn, DeadLetterConfig } = declared;
  const service = serviceOf(arn);
  if (!targetServices.some((known) => known === service)) {
    const message = `${logicalId}, target ${id}: ${arn} is of ${service}; the local cloud delivers to ${targetServices.join(', ')}`;
    throw new MillraceError('UNSUPPORTED_TARGET', message);
  }
  if (service === 'states' && roleArn === undefined) {
    throw new MillraceError(
      'BAD_TARGET',
      `${logicalId}, target ${id}: a state machine is started as a role: RoleArn is missing`,
    );
  }
  if (roleArn !== undefined) context.identities.assertTrusts(roleArn, 'events.amazonaws.com', { logicalId });
  return { id, arn, roleArn, deadLetterArn: DeadLetterConfig?.Arn };
}

/** EventBridge: rules on the default bus. */
export const eventsModule: CloudModule = {
  resourceTypes: [rule],
  async openServices(context) {
    return [new EventsService(context)];
  },
};
