import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import { MillraceError } from '../../lib/pipeline/error.ts';

/** One logger and one tracer a function: JSON lines that carry the request, segments that carry the calls. */
export const logger = new Logger();
export const tracer = new Tracer();

/**
 * Wraps a handler's work in what every function owes its operator: the request on each log line, a trace segment, and one
 * error line with its stable code. The error goes on to Lambda, which decides about retries.
 */
export function observed<Event, Result>(
  name: string,
  work: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    logger.addContext(context);
    const parent = tracer.getSegment();
    const segment = parent?.addNewSubsegment(name);
    if (segment) tracer.setSegment(segment);
    tracer.annotateColdStart();
    try {
      return await work(event, context);
    } catch (error) {
      tracer.addErrorAsMetadata(error as Error);
      logger.error(`${name} failed`, { error: error as Error, code: codeOf(error) });
      throw error;
    } finally {
      segment?.close();
      if (parent) tracer.setSegment(parent);
    }
  };
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : 'UNEXPECTED';
}
