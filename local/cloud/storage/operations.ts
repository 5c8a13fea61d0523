import { z } from 'zod';
import { type Principal, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';

/** One operation of an AWS JSON service: what it takes, and what it does for whom. */
export interface Operation {
  readonly input: z.ZodType;
  run(input: never, principal: Principal): unknown;
}

/** Keeps the types of input and work together; the table of all operations forgets them. */
export function operation<I extends z.ZodType>(
  input: I,
  run: (input: z.output<I>, principal: Principal) => unknown,
): Operation {
  return { input, run: run as Operation['run'] };
}

/** `Kinesis_20131202.PutRecords` → `PutRecords`. */
export function operationName(request: ServiceRequest): string {
  const target = request.headers['x-amz-target'] ?? '';
  return target.slice(target.indexOf('.') + 1);
}

/** Answers a call of an AWS JSON service from its table of operations. */
export async function answer(
  service: string,
  operations: Readonly<Record<string, Operation>>,
  request: ServiceRequest,
): Promise<ServiceResponse> {
  const name = operationName(request);
  const known = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!known) {
    const names = Object.keys(operations).join(', ');
    throw new ServiceError(
      'UnknownOperationException',
      `the local ${service} has no ${name || 'unnamed operation'}; it has ${names}`,
    );
  }
  const input = known.input.safeParse(parseBody(request.body));
  if (!input.success) {
    throw new ServiceError(
      'ValidationException',
      `${service}:${name} refuses its input: ${z.prettifyError(input.error)}`,
    );
  }
  const output = await known.run(input.data as never, request.principal);
  return { status: 200, body: JSON.stringify(output ?? {}) };
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ServiceError('SerializationException', `the request is not JSON: ${(error as Error).message}`);
  }
}
