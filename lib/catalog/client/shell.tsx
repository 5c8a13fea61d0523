import { useEffect, useRef, useState } from 'preact/hooks';
import type { IndexEntry } from '../site-data.ts';
import type { Catalog } from './catalog-index.ts';
import { ago, instant, now } from './format.ts';
import { Home } from './home.tsx';
import { RelationPage } from './relation.tsx';
import { linkTo, useRoute } from './route.ts';
import { SearchBox } from './search-box.tsx';
import { StateDot } from './signs.tsx';
import { ThemeButton } from './theme.tsx';

/** What is around every page. */
export function Shell({ catalog }: { catalog: Catalog }) {
  const route = useRoute();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const name = route.page === 'relation' ? route.name : undefined;
  const entry = name === undefined ? undefined : catalog.byName.get(name);
  useEffect(() => {
    document.title = `${name ?? catalog.service} · catalog`;
    setOpen(false);
    scrollTo(0, 0);
  }, [name]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header>
        <button
          type="button"
          class="quiet menu"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          aria-label="Menu"
        >
          ☰
        </button>
        <a class="brand" href="#/">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1 11c3-6 5 3 8-3s4-3 6-4" />
          </svg>
          {catalog.service}
        </a>
        <SearchBox catalog={catalog} />
        <span class="as-of" title={instant(catalog.atSeconds)}>
          {catalog.atSeconds ? `as of ${ago(catalog.atSeconds, now())}` : 'nothing has run yet'}
        </span>
        <ThemeButton />
      </header>
      <div class="frame">
        <nav class={isOpen ? 'open' : ''} aria-label="Tables by schema">
          <Menu catalog={catalog} current={name} />
        </nav>
        <main ref={main} tabIndex={-1}>
          {route.page === 'home' && <Home catalog={catalog} />}
          {route.page === 'relation' && entry && (
            <RelationPage key={entry.name} catalog={catalog} entry={entry} route={route} />
          )}
          {route.page === 'relation' && !entry && <Unknown name={route.name} />}
        </main>
      </div>
    </>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <section>
      <h1>{name}</h1>
      <p>
        There is no such table in this catalog: it may have been renamed or removed. The search box finds what is there,
        and <a href="#/">the first page</a> lists it all.
      </p>
    </section>
  );
}

/** `model_9` before `model_10`. */
const names = new Intl.Collator('en', { numeric: true });

/** The user's own schemas first: `raw` and `latest` are where they come from. */
export function schemasOf(catalog: Catalog): [string, IndexEntry[]][] {
  const kindOf = (entries: IndexEntry[]) => (entries[0]?.kind === 'model' ? 0 : 1);
  const bySchema = [...Map.groupBy(catalog.relations, ({ schema }) => schema)];
  const byName = (a: IndexEntry, b: IndexEntry) => names.compare(a.table, b.table);
  return bySchema
    .map(([schema, entries]): [string, IndexEntry[]] => [schema, entries.toSorted(byName)])
    .toSorted(([a, one], [b, other]) => kindOf(one) - kindOf(other) || (a < b ? -1 : 1));
}

function Menu({ catalog, current }: { catalog: Catalog; current: string | undefined }) {
  return schemasOf(catalog).map(([schema, entries]) => (
    <details key={schema} open={entries[0]?.kind === 'model' || entries.some(({ name }) => name === current)}>
      <summary>
        {schema} <small>{entries.length}</small>
      </summary>
      <ul>
        {entries.map((entry) => (
          <li key={entry.name}>
            <a href={linkTo(entry)} aria-current={entry.name === current ? 'page' : undefined} title={entry.label}>
              <StateDot standing={catalog.standing(entry.name)} />
              {entry.table}
            </a>
          </li>
        ))}
      </ul>
    </details>
  ));
}
