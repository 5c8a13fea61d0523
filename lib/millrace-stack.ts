import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Config } from './config/config.ts';
import { Catalog } from './stages/catalog.ts';
import { serviceName } from './stages/context.ts';
import { Extract } from './stages/extract.ts';
import { Fill } from './stages/fill.ts';
import type { FunctionCode } from './stages/function-code.ts';
import { Ingest } from './stages/ingest.ts';
import { Lake } from './stages/lake.ts';
import { Observe } from './stages/observe.ts';
import { Reconcile } from './stages/reconcile.ts';
import { Refresh } from './stages/refresh.ts';
import { Arrivals, Register, stateTable } from './stages/register.ts';
import { Reload } from './stages/reload.ts';
import { Repair } from './stages/repair.ts';
import { Replay } from './stages/replay.ts';
import { Sources } from './stages/sources.ts';
import { Warehouse } from './stages/warehouse.ts';
import type { OwnedModel } from './stages/watches.ts';

/** The whole pipeline of one environment, in the order a record travels. */
export class MillraceStack extends Stack {
  constructor(scope: Construct, props: { config: Config; code: FunctionCode; models: readonly OwnedModel[] }) {
    const { config, code, models } = props;
    const service = serviceName(config);
    super(scope, `Millrace-${service}`, {
      description: `Millrace ${service}: from streams and APIs to Redshift`,
      tags: { millrace: service },
      // The CLI checks the bootstrap by itself; without the rule the template has no parameters.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    const context = { config, code, service };
    const { datasets } = new Sources(this, 'Sources', context);
    const state = stateTable(this, 'State');
    const lake = new Lake(this, 'Lake', context);
    const arrivals = new Arrivals(this, 'Arrivals', lake);
    const ingest = new Ingest(this, 'Ingest', context, { datasets, lake, arrivals });
    const extract = new Extract(this, 'Extract', context, { datasets, lake, state, arrivals });
    const warehouse = new Warehouse(this, 'Warehouse', context, lake);
    const refresh = new Refresh(this, 'Refresh', context, { state, lake, arrivals, warehouse });
    const reload = new Reload(this, 'Reload', context, { state, lake, arrivals, warehouse, next: refresh.next });
    const fill = new Fill(this, 'Fill', context, { datasets, state, lake, warehouse, arrivals });
    const { stateMachineArn } = refresh.stateMachine;
    const catalog = new Catalog(this, 'Catalog', context, { warehouse, stateMachineArn });
    new Register(this, 'Register', context, { state, arrivals, stateMachineArn });
    const reconcile = new Reconcile(this, 'Reconcile', context, { datasets, warehouse });
    const repair = new Repair(this, 'Repair', context, { datasets, lake, state, warehouse, arrivals });
    new Replay(this, 'Replay', context, lake, arrivals);
    const machines = { refresh, reload, fill, reconcile, repair };
    new Observe(this, 'Observe', context, { datasets, ingest, extract, arrivals, ...machines, catalog, models });
  }
}
