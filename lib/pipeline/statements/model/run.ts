import type { Check } from '../../models/model.ts';
import type { Holder } from '../fence.ts';

/** What a check found. */
export interface CheckResult {
  readonly name: string;
  readonly severity: Check['severity'];
  readonly failures: number;
}

/** What `ops.model_runs` and `ops.check_results` say of a run. */
export interface ModelRun {
  readonly runId: string;
  readonly execution: string;
  /** The lane and generation of the execution: each batch is fenced by them. */
  readonly holder: Holder;
  readonly outcome: 'published' | 'check_failed' | 'failed';
  readonly rows?: number;
  readonly reason?: string;
  readonly checks: readonly CheckResult[];
}
