import { bold } from '../summary/bold.ts';
import { millisecondsOf, shownInstant } from './instants.ts';
import { counted } from './quarantine-text.ts';
import type { Trace, TracedEvent, TracedModel } from './trace-collect.ts';
import { eventsAtMost } from './trace-warehouse.ts';

const standings = { latest: 'the latest', tombstone: 'the latest: the key is deleted', history: '' } as const;

/** A trace as people read it: the state first, then the way of each event, oldest first. */
export function traceText(trace: Trace): string {
  const { dataset, wanted, events } = trace;
  const what = [...new Set(events.map(({ key }) => key ?? ''))].filter(Boolean).join(' and ') || named(wanted);
  return [
    `${bold(`${dataset} ${what}`)}  ${stateText(trace)}`,
    ...events.flatMap((event, n) => eventLines(event, n + 1, events.length)),
    ...(events.length === eventsAtMost ? [`… only the first ${eventsAtMost} events are shown`] : []),
    ...heldLines(trace),
    ...pendingLines(trace),
    ...modelLines(trace.models),
  ].join('\n');
}

const named = ({ ids, keys }: Trace['wanted']): string => [...ids, ...keys].join(' or ');

function stateText({ events, held, dropped, pending }: Trace): string {
  const last = events.findLast(({ standing }) => standing !== 'history') ?? events.at(-1);
  const parts = [
    counted(events.length, 'event'),
    ...(last?.standing === 'tombstone' ? [`deleted at ${shownInstant(last.at)}`] : []),
    ...(last?.standing === 'latest' ? [`in latest since ${shownInstant(last.loadedAt)}`] : []),
    ...(held.length > 0 ? [`${held.length} in quarantine`] : []),
    ...(dropped.length > 0 ? [`${dropped.length} dropped from the quarantine`] : []),
    ...(pending.found.length > 0 ? [`${pending.found.length} waiting for the next refresh`] : []),
  ];
  return parts.join(', ');
}

function eventLines(event: TracedEvent, number: number, of: number): string[] {
  const { operation, id, position, at, place, manifestKey, execution, loadId, loadedAt, standing } = event;
  const lag = (millisecondsOf(loadedAt) - millisecondsOf(at)) / 1000;
  const label = of === 1 ? operation : `${number}. ${operation}`;
  const row = (name: string, value: string): string => `  ${name.padEnd(9)} ${value}`;
  return [
    '',
    `${bold(label)}  ${shownInstant(at)}${standings[standing] && `  ← ${standings[standing]}`}`,
    row('event', id),
    row('position', position.replace(/^0+(?=\d)/, '')),
    row('object', place.found ? `${place.found.objectKey}, line ${place.found.line}` : (place.missing ?? '')),
    row('manifest', manifestKey ?? 'unknown'),
    row('load', loadId),
    row(
      'loaded',
      `${shownInstant(loadedAt)}, ${lag.toFixed(1)} s after it happened, by ${execution ?? 'nobody known'}`,
    ),
  ];
}

function heldLines({ dataset, held }: Trace): string[] {
  if (held.length === 0) return [];
  const lines = held.map(({ id, code, reason, at }) => `  ${code}  ${shownInstant(at)}  ${reason}\n    ${id}`);
  return ['', bold('In quarantine'), ...lines, `  in full: millrace quarantine show ${dataset} <id>`];
}

function pendingLines({ pending }: Trace): string[] {
  const { objects, found, unread } = pending;
  if (objects === 0) return [];
  const lines = found.map(({ objectKey, line }) => `  ${objectKey}, line ${line}`);
  const others = found.length === 0 ? [`  ${counted(objects, 'object')} of the dataset, none with it`] : [];
  const left = unread > 0 ? [`  ${counted(unread, 'object')} more were not looked into`] : [];
  return ['', bold('Waiting for the next refresh'), ...lines, ...others, ...left];
}

function modelLines(models: readonly TracedModel[]): string[] {
  if (models.length === 0) return [];
  const width = Math.max(...models.map(({ model }) => model.length));
  return ['', bold('Models'), ...models.map((one) => `  ${one.model.padEnd(width)}  ${modelText(one)}`)];
}

function modelText({ materialization, publishedAt, outcome, hasIt }: TracedModel): string {
  const failed = outcome !== undefined && outcome !== 'published' ? `; its last run: ${outcome}` : '';
  if (publishedAt === undefined) return `✘ never published${failed}`;
  const published = `published ${shownInstant(publishedAt)}`;
  if (materialization === 'view') return `✔ a view, ${published}: it shows what it reads`;
  return hasIt ? `✔ ${published}, after the load` : `✘ ${published}, before the load${failed}`;
}

/** What is said where nothing was found anywhere. */
export function nothingText({ dataset, wanted, pending }: Trace): string {
  const places = [
    `raw.${dataset} and its latest`,
    `the quarantine of ${dataset}`,
    `the inbox (${counted(pending.objects, 'object')} of the dataset waiting)`,
  ];
  return `nothing of ${dataset} ${named(wanted)} was found. Looked in ${places.join(', ')}.
  Was it written a moment ago? It is on its way for as long as the batching window: try again.
  Is it written as the source has it? Keys are compared exactly, capital letters and numbers as text too.
  Did the source send it? \`millrace status\` compares what was received with what is here.`;
}
