import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Catalog } from './catalog-index.ts';
import { linkTo } from './route.ts';
import { type Found, searcher } from './search.ts';
import { load } from './store.ts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

/** Search over everything: its words are read when somebody searches. `/` brings here. */
export function SearchBox({ catalog }: { catalog: Catalog }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [find, setFind] = useState<(text: string) => Found[]>();
  // Not after the paint: who presses a key as soon as the box is seen is heard.
  useLayoutEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const asks = event.key === '/' || (event.key === 'k' && (event.metaKey || event.ctrlKey));
      if (!asks || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  const prepare = async () => {
    if (find) return;
    const columns = await load('data/search.js').catch(() => []);
    setFind(() => searcher(catalog, columns));
  };
  const found = text.trim() && find ? find(text) : [];
  const leave = () => {
    setText('');
    input.current?.blur();
  };
  const href = (one: Found) =>
    linkTo(catalog.byName.get(one.name) ?? { name: one.name, kind: 'model' }, { column: one.column });
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % Math.max(1, found.length));
    }
    if (event.key === 'Escape') leave();
    const one = found[chosen];
    if (event.key !== 'Enter' || !one) return;
    location.hash = href(one);
    leave();
  };
  return (
    <search class="search">
      <input
        ref={input}
        type="search"
        placeholder="Search tables, columns, owners…"
        aria-label="Search"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onFocus={prepare}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <kbd>/</kbd>
      {text.trim() !== '' && find && (
        <ul id="found" aria-label="Found">
          {found.length === 0 && <li class="nothing">Nothing is called “{text.trim()}”</li>}
          {found.map((one, index) => (
            <Hit
              key={`${one.name} ${one.column}`}
              one={one}
              href={href(one)}
              isChosen={index === chosen}
              onLeave={leave}
            />
          ))}
        </ul>
      )}
    </search>
  );
}

function Hit(props: { one: Found; href: string; isChosen: boolean; onLeave: () => void }) {
  const { one, href, isChosen, onLeave } = props;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isChosen) link.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <li>
      <a ref={link} href={href} onClick={onLeave} class={isChosen ? 'chosen' : ''} aria-current={isChosen}>
        <b>{one.column ?? one.name}</b>
        {one.label && <em>{one.label}</em>}
        <small>{one.column ? `column of ${one.name}` : 'table'}</small>
        <span>{one.description}</span>
      </a>
    </li>
  );
}
