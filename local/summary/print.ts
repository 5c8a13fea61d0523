import { renderTable } from '../commands/rows.ts';
import { bold } from './bold.ts';
import { agrees, type DatasetSummary, type MartSummary, quarantinedCount, type Summary } from './summary.ts';

const secondsText = (seconds: number): string => `${seconds.toFixed(1)} s`;

function datasetRow(dataset: DatasetSummary): string[] {
  return [
    dataset.dataset,
    dataset.owner,
    receivedText(dataset),
    String(dataset.loaded),
    quarantinedText(dataset),
    String(dataset.pending),
    String(dataset.duplicates),
    dataset.lag ? secondsText(dataset.lag.medianSeconds) : '–',
    dataset.lag ? secondsText(dataset.lag.worstSeconds) : '–',
    secondsText(dataset.freshnessSeconds),
    agrees(dataset) ? '✔' : '✘ counts differ',
  ];
}

/** What fills and repairs made stands beside what was delivered, so that the line adds up. */
function receivedText({ received, made }: DatasetSummary): string {
  return `${received ?? '–'}${made > 0 ? ` (+${made} made)` : ''}`;
}

/** What was dropped stands beside what is there, so that the line adds up. */
function quarantinedText(dataset: DatasetSummary): string {
  const held = String(quarantinedCount(dataset));
  return dataset.dropped > 0 ? `${held} (+${dataset.dropped} dropped)` : held;
}

const datasetColumns = [
  'dataset',
  'owner',
  'received',
  'loaded',
  'quarantined',
  'pending',
  'redelivered',
  'median lag',
  'worst lag',
  'promised',
  'adds up',
];

function quarantineLines(summary: Summary): string[] {
  return summary.datasets.flatMap((dataset) =>
    Object.entries(dataset.quarantined).map(([code, count]) => `  ${dataset.dataset}: ${count} × ${code}`),
  );
}

function martText(mart: MartSummary): string {
  const count = `${mart.rowCount} ${mart.rowCount === 1 ? 'row' : 'rows'}`;
  const shown = mart.rows.length < mart.rowCount ? `, the first ${mart.rows.length}` : '';
  return `${bold(mart.name)} (${count}${shown})\n${renderTable(mart)}`;
}

/** The summary as people read it. */
export function summaryText(summary: Summary): string {
  const quarantine = quarantineLines(summary);
  return [
    bold('Records'),
    renderTable({ columns: datasetColumns, rows: summary.datasets.map(datasetRow) }),
    ...(quarantine.length > 0 ? [`${bold('In quarantine')}, by reason`, ...quarantine] : []),
    '',
    ...summary.marts.map(martText),
  ].join('\n');
}
