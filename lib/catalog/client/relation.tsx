import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ModelFacts, Relation } from '../catalog.ts';
import type { IndexEntry, ObservedData } from '../site-data.ts';
import type { Catalog } from './catalog-index.ts';
import { Columns } from './columns.tsx';
import { ago, count, duration, instant, now } from './format.ts';
import { Lineage } from './lineage.tsx';
import { linkTo, type Route } from './route.ts';
import { Checks, Runs } from './runs.tsx';
import { CopyButton, Sparkline, StateBadge } from './signs.tsx';
import { Sql } from './sql.tsx';
import { load } from './store.ts';

export interface PageProps {
  readonly catalog: Catalog;
  readonly entry: IndexEntry;
  readonly route: Extract<Route, { page: 'relation' }>;
}

interface Read {
  readonly relation?: Relation;
  readonly observed?: ObservedData[number] | undefined;
  readonly error?: string;
}

/** The page of a table: what it is, how it stands, what is in it, where it comes from. */
export function RelationPage({ catalog, entry, route }: PageProps) {
  const [{ relation, observed, error }, setRead] = useState<Read>({});
  useEffect(() => {
    Promise.all([
      load(entry.file as 'data/relations/'),
      load(entry.observedFile as 'data/observed-').catch(() => []),
    ]).then(
      ([found, all]) => setRead({ relation: found, observed: all.find(({ name }) => name === entry.name) }),
      (cause: Error) => setRead({ error: cause.message }),
    );
  }, [entry]);
  return (
    <>
      <Head catalog={catalog} entry={entry} />
      {error && <section class="attention">{error}</section>}
      {relation && (
        <>
          <Facts catalog={catalog} entry={entry} relation={relation} />
          <Columns relation={relation} selected={route.column} />
          <Lineage catalog={catalog} entry={entry} relation={relation} route={route} />
          {relation.model && <Checks model={relation.model} observed={observed?.model} />}
          {relation.model && <Runs observed={observed?.model} />}
          <Queries relation={relation} />
          {relation.model && <Definition model={relation.model} catalog={catalog} />}
        </>
      )}
    </>
  );
}

const sections = ['Columns', 'Lineage', 'Checks', 'Runs', 'Queries', 'SQL'];

/** The hash is the page's address, so that these are no links. */
const goTo = (section: string) => {
  const heading = document.querySelector<HTMLElement>(`#section-${section.toLowerCase()}`);
  heading?.scrollIntoView({ behavior: 'smooth' });
  heading?.focus({ preventScroll: true });
};

function Head({ catalog, entry }: { catalog: Catalog; entry: IndexEntry }) {
  const standing = catalog.standing(entry.name);
  const shown = sections.filter((one) => entry.kind === 'model' || !['Checks', 'Runs', 'SQL'].includes(one));
  return (
    <section class="head">
      <h1>
        <span class="soft">{entry.schema}.</span>
        {entry.table} <CopyButton text={entry.name} what="the name" />
      </h1>
      {entry.label && <p class="label">{entry.label}</p>}
      <p class="description">{entry.description}</p>
      <p class="standing">
        <StateBadge standing={standing} /> {standing.text}
      </p>
      <div class="sections">
        {shown.map((one) => (
          <button key={one} type="button" onClick={() => goTo(one)}>
            {one}
          </button>
        ))}
      </div>
    </section>
  );
}

function Facts({ catalog, entry, relation }: { catalog: Catalog; entry: IndexEntry; relation: Relation }) {
  const status = catalog.status(entry.name);
  const { model, freshnessSeconds } = relation;
  const at = status?.publishedAtSeconds;
  return (
    <section>
      <dl class="facts">
        <Fact title="Owner">{relation.owner}</Fact>
        <Fact title={model ? 'Last published' : 'Last loaded'}>
          <span title={instant(at)}>{ago(at, now())}</span>
        </Fact>
        <Fact title="Promised">{freshnessSeconds && `within ${duration(freshnessSeconds)}`}</Fact>
        <Fact title="Lag of the last load">{status?.lagSeconds !== undefined && duration(status.lagSeconds)}</Fact>
        <Fact title={model ? 'Rows' : 'Rows of the last day'}>
          <span class="curve">
            {count(model ? status?.rows : status?.history.at(-1))} <Sparkline values={status?.history ?? []} />
          </span>
        </Fact>
        <Fact title="May read">{relation.readers.join(', ') || 'the pipeline only'}</Fact>
        {model && <ModelFactsOf model={model} />}
        {relation.dataset && <Fact title="Dataset">{relation.dataset}</Fact>}
      </dl>
    </section>
  );
}

function ModelFactsOf({ model }: { model: ModelFacts }) {
  return (
    <>
      <Fact title="Materialization">{model.materialization}</Fact>
      <Fact title="Lane">{model.lane}</Fact>
      <Fact title="Key">{model.key.length > 0 && <code>{model.key.join(', ')}</code>}</Fact>
      <Fact title="Sorted by">{model.sort.length > 0 && <code>{model.sort.join(', ')}</code>}</Fact>
      <Fact title="Distribution">{model.distribution && <code>{model.distribution}</code>}</Fact>
      <Fact title="Contract">{model.contract && 'columns and types are frozen'}</Fact>
      <Fact title="File" isWide>
        <code>{model.path}</code>
      </Fact>
    </>
  );
}

/** A fact that there is none of is not shown. */
function Fact({ title, isWide, children }: { title: string; isWide?: boolean; children: ComponentChildren }) {
  if (children === undefined || children === false || children === '' || children === 0) return null;
  return (
    <div class={isWide ? 'wide' : ''}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Queries({ relation }: { relation: Relation }) {
  return (
    <section>
      <h2 id="section-queries" tabIndex={-1}>
        Queries to begin with
      </h2>
      <div class="queries">
        {relation.queries.map(({ title, sql }) => (
          <figure key={title}>
            <figcaption>
              {title} <CopyButton text={sql} what={title} />
            </figcaption>
            <Sql sql={sql} />
          </figure>
        ))}
      </div>
    </section>
  );
}

function Definition({ model, catalog }: { model: ModelFacts; catalog: Catalog }) {
  const href = (name: string) => linkTo(catalog.byName.get(name) ?? { name, kind: 'model' });
  return (
    <section>
      <h2 id="section-sql" tabIndex={-1}>
        SQL <CopyButton text={model.sql} what="the SQL" />
      </h2>
      <Sql sql={model.sql} mentions={model.mentions} href={href} />
    </section>
  );
}
