import type { Write } from '../../factories/last-write-wins.ts';
import type { Fault } from '../faults.ts';
import type { World } from '../world.ts';
import { Reloads } from './reloads.ts';
import { Repairs } from './repairs.ts';
import { Replays } from './replays.ts';
import type { OperationsStage } from './stage.ts';

const operationKinds = ['reload', 'replay', 'repair'] as const;
export type OperationKind = (typeof operationKinds)[number];
const faultOf = { reload: 'reloaded', replay: 'replayed', repair: 'repaired' } as const;
/** The share of seeds that have each kind: they take longer. */
const shareOfEach = 0.1;
/** What harms the lake for good, so that what somebody has broken cannot be made whole from it. */
const harms: readonly Fault[] = ['objectTruncated', 'objectCorrupt', 'objectMissing', 'lineGarbled'];

/** What becomes of a record of the table's stream. */
export type Fate = 'delivered' | 'setAside' | 'lost';
export interface DivertedRecord {
  readonly record: object;
  readonly write: Write;
}

/** What people do in a seed while the pipeline runs. */
export class Operations {
  readonly #world: World;
  readonly #kind: OperationKind | undefined;
  readonly #spoils: boolean;
  readonly #setAside: DivertedRecord[] = [];
  #reloads: Reloads | undefined;
  #replays: Replays | undefined;
  #repairs: Repairs | undefined;

  constructor(world: World, needed: readonly string[]) {
    this.#world = world;
    const chosen = world.random.between(0, 999) / 1000;
    const drawn = operationKinds[Math.floor(chosen / shareOfEach)];
    const allowed = drawn && world.faults.allows(faultOf[drawn]) ? drawn : undefined;
    this.#kind = operationKinds.find((kind) => needed.includes(kind)) ?? allowed;
    this.#spoils = this.#kind === 'reload' && (world.random.chance(0.5) || needed.includes('spoilt'));
    if (this.#spoils || this.#kind === 'repair') world.faults.without(harms);
  }

  /** Decides about a record before its stream has it. */
  divert(diverted: DivertedRecord): Fate {
    if (this.#kind === 'replay' && this.#world.random.chance(0.3)) {
      this.#setAside.push(diverted);
      return 'setAside';
    }
    return this.#kind === 'repair' && this.#world.random.chance(0.3) ? 'lost' : 'delivered';
  }

  begin(stage: OperationsStage): void {
    if (this.#kind) this.#world.note(`operations: ${this.#kind}`);
    if (this.#kind === 'reload') this.#reloads = new Reloads(stage);
    this.#reloads?.begin(this.#spoils);
    if (this.#kind === 'replay') this.#replays = new Replays(stage, this.#setAside);
    this.#replays?.begin();
    if (this.#kind === 'repair') this.#repairs = new Repairs(stage);
    this.#repairs?.begin();
  }

  /** How many rows more than there are `ops.loads` may count. */
  get rowsCountedTwice(): number {
    return this.#reloads?.rowsCountedTwice ?? 0;
  }

  /** What the operations have landed is to be in the warehouse too. */
  async noteLanded(): Promise<void> {
    await this.#repairs?.noteLanded();
  }

  async violations(): Promise<string[]> {
    return [...((await this.#reloads?.violations()) ?? []), ...((await this.#repairs?.violations()) ?? [])];
  }
}
