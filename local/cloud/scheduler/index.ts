import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { serviceOf } from '../events/target.ts';
import { type CloudModule, type Physical, resourceType } from '../resource.ts';
import { readSchedule } from './schedule-expression.ts';
import { SchedulerService } from './scheduler-service.ts';

const target = z.strictObject({
  Arn: z.string(),
  RoleArn: z.string(),
  Input: z.string().optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).default(185),
      MaximumEventAgeInSeconds: z.number().optional(),
    })
    .default({ MaximumRetryAttempts: 185 }),
});

/** What the schedule's role must be allowed, by the service of the target. */
const targetActions: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  states: 'states:StartExecution',
};

const schedule = resourceType({
  type: 'AWS::Scheduler::Schedule',
  properties: z.strictObject({
    Name: z.string().optional(),
    GroupName: z.literal('default').optional(),
    Description: z.string().optional(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.literal('UTC').optional(),
    // A window spreads the load of many schedules: one machine fires at once.
    FlexibleTimeWindow: z.strictObject({
      Mode: z.enum(['OFF', 'FLEXIBLE']),
      MaximumWindowInMinutes: z.number().optional(),
    }),
    KmsKeyArn: z.string().optional(),
    Target: target,
  }),
  async create({ logicalId, properties }, context): Promise<Physical> {
    const { Target, ScheduleExpression, State } = properties;
    const name = properties.Name ?? context.physicalName(logicalId, 64);
    const arn = context.arn('scheduler', `schedule/default/${name}`);
    const action = targetActions[serviceOf(Target.Arn)];
    if (!action) {
      throw new MillraceError(
        'UNSUPPORTED_TARGET',
        `${logicalId}: ${Target.Arn} is neither a function nor a state machine; the local Scheduler fires nothing else`,
      );
    }
    context.identities.assertTrusts(Target.RoleArn, 'scheduler.amazonaws.com', { logicalId });
    const scheduler = context.services.of(SchedulerService);
    scheduler.declare({
      name,
      arn,
      targetArn: Target.Arn,
      roleArn: Target.RoleArn,
      input: Target.Input,
      maximumRetryAttempts: Target.RetryPolicy.MaximumRetryAttempts,
      next: readSchedule(ScheduleExpression, context.clock.now()),
    });
    const stopping = new AbortController();
    let following: Promise<void> = Promise.resolve();
    return {
      ref: name,
      attributes: { Arn: arn },
      start: async () => {
        context.authorizer.authorize({ kind: 'role', roleArn: Target.RoleArn }, action, Target.Arn);
        if (State === 'ENABLED') following = scheduler.follow(name, stopping.signal);
      },
      stop: async () => {
        stopping.abort();
        await following;
      },
    };
  },
});

/** EventBridge Scheduler. */
export const schedulerModule: CloudModule = {
  resourceTypes: [schedule],
  async openServices(context) {
    return [new SchedulerService(context)];
  },
};
