import { useState } from 'preact/hooks';
import type { IndexEntry } from '../site-data.ts';
import type { Catalog } from './catalog-index.ts';
import { ago, count, instant, now } from './format.ts';
import { linkTo } from './route.ts';
import { schemasOf } from './shell.tsx';
import { Sparkline, StateBadge, StateDot } from './signs.tsx';

const everyone = '';

/** What needs somebody, then everything there is. */
export function Home({ catalog }: { catalog: Catalog }) {
  const [owner, setOwner] = useState(everyone);
  const owners = [...new Set(catalog.relations.map((one) => one.owner))].toSorted();
  const isShown = (entry: IndexEntry) => owner === everyone || entry.owner === owner;
  const models = catalog.relations.filter(({ kind }) => kind === 'model').length;
  return (
    <>
      <section class="head">
        <h1>{catalog.service}</h1>
        <p class="soft">
          {count(models)} models and {count(catalog.relations.length - models)} tables of datasets in database{' '}
          <code>{catalog.database}</code>
        </p>
        <label class="owner">
          Owner{' '}
          <select value={owner} onChange={(event) => setOwner(event.currentTarget.value)}>
            <option value={everyone}>everyone</option>
            {owners.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </section>
      <Attention catalog={catalog} entries={catalog.relations.filter(isShown)} />
      {schemasOf(catalog).map(([schema, entries]) => {
        const shown = entries.filter(isShown);
        return shown.length > 0 && <Schema key={schema} schema={schema} entries={shown} catalog={catalog} />;
      })}
    </>
  );
}

function Attention({ catalog, entries }: { catalog: Catalog; entries: readonly IndexEntry[] }) {
  const bad = ['failed', 'late', 'warned'];
  const wanting = entries
    .map((entry) => ({ entry, standing: catalog.standing(entry.name) }))
    .filter(({ standing }) => bad.includes(standing.state))
    .toSorted((a, b) => bad.indexOf(a.standing.state) - bad.indexOf(b.standing.state));
  if (wanting.length === 0) return null;
  return (
    <section class="attention">
      <h2>Needs somebody</h2>
      <ul>
        {wanting.map(({ entry, standing }) => (
          <li key={entry.name}>
            <StateBadge standing={standing} />
            <a href={linkTo(entry)}>{entry.name}</a>
            <span>
              {standing.text} <span class="soft">· {entry.owner}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Schema({ schema, entries, catalog }: { schema: string; entries: readonly IndexEntry[]; catalog: Catalog }) {
  const isData = entries[0]?.kind === 'dataset';
  return (
    <section>
      <h2>{schema}</h2>
      <div class="scroll">
        <table class="list">
          <thead>
            <tr>
              <th>Table</th>
              <th>Owner</th>
              <th class="number">{isData ? 'Rows a day' : 'Rows'}</th>
              <th>{isData ? 'Loaded' : 'Published'}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row key={entry.name} entry={entry} catalog={catalog} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ entry, catalog }: { entry: IndexEntry; catalog: Catalog }) {
  const status = catalog.status(entry.name);
  const rows = entry.kind === 'model' ? status?.rows : status?.history.at(-1);
  return (
    <tr>
      <td>
        <div class="what">
          <StateDot standing={catalog.standing(entry.name)} />
          <span>
            <a href={linkTo(entry)}>{entry.table}</a>
            {entry.label && <em>{entry.label}</em>}
            {entry.hasPersonalData && <span class="tag personal">personal data</span>}
            <small>{entry.description}</small>
          </span>
        </div>
      </td>
      <td>{entry.owner}</td>
      <td class="number">
        <span class="curve">
          <Sparkline values={status?.history ?? []} />
          {count(rows)}
        </span>
      </td>
      <td class="when" title={instant(status?.publishedAtSeconds)}>
        {ago(status?.publishedAtSeconds, now())}
      </td>
    </tr>
  );
}
