import type { Check } from '../../models/model.ts';
import type { Holder } from '../fence.ts';
import type { Measured } from './measure.ts';

/** What a check found. */
export interface CheckResult {
  readonly name: string;
  readonly severity: Check['severity'];
  readonly failures: number;
  /** What is there instead of what should be, where that is one value. */
  readonly found?: string;
}

/** What `ops.model_runs`, `ops.check_results` and `ops.measures` say of a run. */
export interface ModelRun {
  readonly runId: string;
  readonly execution: string;
  /** The lane and generation of the execution: each batch is fenced by them. */
  readonly holder: Holder;
  readonly outcome: 'published' | 'check_failed' | 'failed';
  readonly rows?: number;
  readonly reason?: string;
  readonly checks: readonly CheckResult[];
  /** Kept of a published run only: what was rejected is no measure of what is usual. */
  readonly measured?: readonly Measured[];
}
