import type { TimedCloudEvent } from '../cloud/event.ts';

/** Where on the journey something happens, as the console and the step list show it. */
export const stages = ['ingest', 'lake', 'register', 'refresh', 'warehouse'] as const;
export type Stage = (typeof stages)[number];

/** One line of "what is happening". */
export interface Activity {
  readonly at: string;
  readonly stage?: Stage;
  readonly text: string;
  readonly bad: boolean;
}

/** The CDK ends logical ids in eight digits of a hash, which tell a person nothing. */
const readable = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 160);

function stageOfFunction(logicalId: string): Stage {
  if (/^(Ingest|Extract)/i.test(logicalId)) return 'ingest';
  return /^Register/i.test(logicalId) ? 'register' : 'refresh';
}

type Told = Omit<Activity, 'at'>;

/** What a person wants to know of an event; undefined for what is only noise to them. */
function tell(event: TimedCloudEvent): Told | undefined {
  switch (event.kind) {
    case 'function':
      if (event.phase === 'start') return undefined;
      if (event.functionError) return { text: `${readable(event.logicalId)} failed: ${event.errorMessage}`, bad: true };
      return { stage: stageOfFunction(event.logicalId), text: `${readable(event.logicalId)} ran`, bad: false };
    case 'object':
      return event.phase === 'created' ? { stage: 'lake', text: `landed ${event.key}`, bad: false } : undefined;
    case 'delivery': {
      const bad = event.outcome === 'denied' || event.outcome === 'givenUp';
      const detail = event.detail ? `: ${event.detail}` : '';
      return bad ? { text: `${event.from} → ${event.to}: ${event.outcome}${detail}`, bad } : undefined;
    }
    case 'execution':
      return {
        stage: 'refresh',
        text: `refresh ${nameOf(event.executionArn)} ${event.status.toLowerCase()}${event.detail ? `: ${event.detail}` : ''}`,
        bad: event.status !== 'RUNNING' && event.status !== 'SUCCEEDED',
      };
    case 'state':
      return event.phase === 'entered'
        ? { text: `refresh ${nameOf(event.executionArn)}: ${event.name}`, bad: false }
        : undefined;
    case 'statement': {
      const error = event.error ? ` – ${event.error}` : '';
      return {
        stage: 'warehouse',
        text: `${event.status.toLowerCase()}: ${oneLine(event.sql)}${error}`,
        bad: Boolean(event.error),
      };
    }
    case 'denied':
      return { text: event.message, bad: true };
    default:
      return undefined;
  }
}

/** The line of an event, or undefined where a person need not see it. */
export function activityOf(event: TimedCloudEvent): Activity | undefined {
  const told = tell(event);
  return told && { at: event.at, ...told };
}
