import type { ModelFacts } from '../catalog.ts';
import type { ModelObservation } from '../observations.ts';
import { ago, count, instant, now } from './format.ts';

/** How a check's last question was answered. */
interface Answered {
  readonly name: string;
  readonly severity: string;
  readonly state: 'passed' | 'warned' | 'failed' | 'unasked';
  readonly text: string;
}

function answered({ name, severity }: ModelFacts['checks'][number], observed: ModelObservation | undefined): Answered {
  // The books keep the beginning of a long name.
  const finding = observed?.checked?.findings.find(
    (one) => one.name === name || (one.name.length > 200 && name.startsWith(one.name)),
  );
  if (!finding) return { name, severity, state: 'unasked', text: 'not asked yet' };
  if (finding.failures === 0) return { name, severity, state: 'passed', text: 'passed' };
  const rows = `${count(finding.failures)} ${finding.failures === 1 ? 'row fails' : 'rows fail'}`;
  return { name, severity, state: severity === 'warn' ? 'warned' : 'failed', text: rows };
}

const order: readonly Answered['state'][] = ['failed', 'warned', 'unasked', 'passed'];
const marks: Record<Answered['state'], string> = { failed: '✘', warned: '!', unasked: '–', passed: '✔' };

export function Checks({ model, observed }: { model: ModelFacts; observed: ModelObservation | undefined }) {
  const checks = model.checks
    .map((check) => answered(check, observed))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const at = observed?.checked?.atSeconds;
  return (
    <section>
      <h2 id="section-checks" tabIndex={-1}>
        Checks <small>{checks.length}</small>
        {at && (
          <span class="soft" title={instant(at)}>
            {' '}
            asked {ago(at, now())}
          </span>
        )}
      </h2>
      {checks.length === 0 && <p class="soft">Nobody has said what must hold of this model.</p>}
      <ul class="checks">
        {checks.map(({ name, severity, state, text }) => (
          <li key={name} class={state}>
            <b aria-hidden="true">{marks[state]}</b>
            <code>{name}</code>
            <span>
              {text}
              {severity === 'warn' && <span class="tag">warning only</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const outcomes: Readonly<Record<string, string>> = {
  published: 'published',
  check_failed: 'a check failed',
  failed: 'failed',
};

export function Runs({ observed }: { observed: ModelObservation | undefined }) {
  const runs = observed?.runs ?? [];
  return (
    <section>
      <h2 id="section-runs" tabIndex={-1}>
        Last runs
      </h2>
      {runs.length === 0 && <p class="soft">It has not been built yet.</p>}
      <ul class="runs">
        {runs.map(({ id, outcome, rows, reason, atSeconds }) => (
          <li key={id} class={outcome === 'published' ? 'passed' : 'failed'}>
            <span title={instant(atSeconds)}>{ago(atSeconds, now())}</span>
            <b>{outcomes[outcome] ?? outcome}</b>
            <span class="number">{rows !== undefined && `${count(rows)} rows`}</span>
            {reason && <code>{reason}</code>}
          </li>
        ))}
      </ul>
    </section>
  );
}
