import { qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import type { DatasetSummary } from '../../local/summary/summary.ts';
import { quarantinedCount } from '../../local/summary/summary.ts';
import type { Ends } from './ends.ts';
import type { Findings } from './findings.ts';

/** What became of a dataset's records, each looked up by itself. */
export interface Tally {
  readonly dataset: string;
  readonly received: number;
  readonly loaded: number;
  readonly quarantined: number;
}

/** The sums must be the same whoever adds them up: the driver record by record, the warehouse, and the runtime's own summary. */
export async function checkSums(tally: Tally, ends: Ends, own: DatasetSummary, findings: Findings): Promise<void> {
  const { dataset, received, loaded, quarantined } = tally;
  const counts = `SELECT COUNT(*), COUNT(DISTINCT "_id") FROM ${qualifiedName(rawTable(dataset))}`;
  const [row] = await ends.rows(counts);
  findings.expectEqual(`rows of raw.${dataset}`, Number(row?.[0]), loaded);
  findings.expectEqual(`distinct _id in raw.${dataset}`, Number(row?.[1]), loaded);
  const rejected = await ends.quarantined(dataset);
  findings.expectEqual(`records of ${dataset} in quarantine`, rejected.size, quarantined);
  findings.expectEqual(`${dataset}: loaded + quarantined`, loaded + quarantined, received);
  const name = `${dataset} in millrace status`;
  findings.expectEqual(`${name}, received`, own.received, received);
  findings.expectEqual(`${name}, loaded`, own.loaded, loaded);
  findings.expectEqual(`${name}, quarantined`, quarantinedCount(own), quarantined);
  findings.expectEqual(`${name}, pending`, own.pending, 0);
}
