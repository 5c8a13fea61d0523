import type { CloudContext, Physical } from '../resource.ts';

interface InertType {
  /** Why the local cloud need not run it. */
  readonly reason: string;
  readonly identity?: (name: string, context: CloudContext) => { ref?: string; attributes?: Record<string, string> };
}

/**
 * Resource types that change nothing about what the pipeline does: they are kept in the inventory with their
 * resolved properties (the console shows alarms), and nothing else happens.
 */
export const inertTypes: Readonly<Record<string, InertType>> = {
  'AWS::CDK::Metadata': { reason: 'tells AWS which CDK made the stack' },
  'AWS::CloudWatch::Alarm': {
    reason: 'the console shows alarms beside the metrics; nobody is paged from a laptop',
    identity: (name, context) => ({ attributes: { Arn: context.arn('cloudwatch', `alarm:${name}`) } }),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    reason: 'as the alarms it is made of',
    identity: (name, context) => ({ attributes: { Arn: context.arn('cloudwatch', `alarm:${name}`) } }),
  },
  'AWS::CloudWatch::Dashboard': { reason: 'the console is the dashboard here' },
  'AWS::Logs::LogGroup': {
    reason: 'log lines become events of the local cloud; retention has no meaning for them',
    identity: (name, context) => ({ attributes: { Arn: context.arn('logs', `log-group:${name}:*`) } }),
  },
  'AWS::Logs::ResourcePolicy': { reason: 'log lines become events of the local cloud' },
  'AWS::Logs::MetricFilter': { reason: 'log lines become events of the local cloud' },
  'AWS::Logs::QueryDefinition': { reason: 'a saved query for the CloudWatch console' },
  'AWS::SNS::Topic': {
    reason: 'only alarms publish to it, and alarms are inert',
    identity: (name, context) => {
      const arn = context.arn('sns', name);
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
  },
  'AWS::SNS::TopicPolicy': { reason: 'only alarms publish to topics, and alarms are inert' },
  'AWS::SNS::Subscription': { reason: 'only alarms publish to topics, and alarms are inert' },
};

/** Properties that name the physical resource, by type; others get a generated name. */
const nameProperties = ['LogGroupName', 'AlarmName', 'DashboardName', 'TopicName'];

export function createInert(
  logicalId: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  context: CloudContext,
): Physical {
  const given = nameProperties.map((property) => properties[property]).find((value) => typeof value === 'string');
  const name = typeof given === 'string' ? given : context.physicalName(logicalId);
  const identity = inertTypes[type]?.identity?.(name, context);
  return { ref: identity?.ref ?? name, attributes: identity?.attributes ?? {} };
}
