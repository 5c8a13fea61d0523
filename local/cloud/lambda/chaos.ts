import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';

/** When an execution environment is killed: before its function begins, while it runs, or after it has done all and before it can say so. */
export const killMoments = ['before', 'during', 'after'] as const;
export type KillMoment = (typeof killMoments)[number];

/** One kill. `fraction` of the time that the function took last passes before a kill during an invocation. */
export interface Kill {
  readonly moment: KillMoment;
  readonly fraction: number;
}

const chaosSettings = z.strictObject({
  seed: z.coerce.number().int(),
  /** The share of invocations whose environment is killed. */
  killFunctions: z.coerce.number().min(0).max(1),
});
export type ChaosSettings = z.infer<typeof chaosSettings>;

/** The variable that asks for chaos: `MILLRACE_LOCAL_CHAOS="seed=1;killFunctions=0.01"`. Absent or empty: none. */
export const chaosVariable = 'MILLRACE_LOCAL_CHAOS';

export function readChaos(environment: NodeJS.ProcessEnv): ChaosSettings | undefined {
  const text = environment[chaosVariable];
  if (!text) return undefined;
  const parsed = chaosSettings.safeParse(Object.fromEntries(text.split(';').map((part) => part.split('='))));
  if (parsed.success) return parsed.data;
  const message = `${chaosVariable}=${JSON.stringify(text)}: write it as seed=1;killFunctions=0.01 (${z.prettifyError(parsed.error)})`;
  throw new MillraceError('BAD_CHAOS', message);
}

const parts = 1_000_000;

/** Kills execution environments by chance, as the machines under Lambda die: the function learns nothing of it. */
export class Chaos {
  readonly #generator;
  readonly #share: number;
  readonly #told: (functionName: string, moment: KillMoment) => void;

  constructor({ seed, killFunctions }: ChaosSettings, told: (functionName: string, moment: KillMoment) => void) {
    this.#generator = xoroshiro128plus(seed);
    this.#share = killFunctions;
    this.#told = told;
  }

  /** Decides over one invocation. */
  strike(): Kill | undefined {
    if (this.#between(0, parts - 1) >= this.#share * parts) return undefined;
    const moment = killMoments[this.#between(0, killMoments.length - 1)] ?? 'during';
    return { moment, fraction: this.#between(0, parts) / parts };
  }

  /** A function was killed. */
  killed(functionName: string, moment: KillMoment): void {
    this.#told(functionName, moment);
  }

  #between(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }
}
