import { ServiceError } from '../service.ts';

export interface Denial {
  readonly action: string;
  readonly resourceArn: string;
  /** `role IngestRole (arn:…)` or `service events.amazonaws.com`. */
  readonly principal: string;
  /** What is in the way: an explicit deny, or that nothing allows the call. */
  readonly reason: string;
  /** How to mend it, over several lines. */
  readonly mend: string;
}

/** A call that no policy of the template allows, or that one denies. */
export class AccessDeniedError extends ServiceError {
  readonly denial: Denial;

  constructor(denial: Denial) {
    const head = `${denial.principal} is not authorized to perform: ${denial.action} on resource: ${denial.resourceArn}`;
    super('AccessDeniedException', `${head} because ${denial.reason}\n${denial.mend}`, 400);
    this.name = 'AccessDeniedError';
    this.denial = denial;
  }
}
