import { useLayoutEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly page: 'home' }
  | {
      readonly page: 'relation';
      readonly name: string;
      readonly column?: string;
      readonly up: number;
      readonly down: number;
    };

const defaultDepth = { up: 2, down: 2 };
const deepest = 99;

/** `#/model/mart.daily_kpi/column/day?up=1&down=3`; whatever is not understood is the first page. */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [kind, name, word, column] = path.split('/').map(decode);
  if ((kind !== 'model' && kind !== 'table') || !name) return { page: 'home' };
  const parameters = new URLSearchParams(query);
  const depth = (key: 'up' | 'down') => {
    const value = Number.parseInt(parameters.get(key) ?? '', 10);
    return Number.isNaN(value) ? defaultDepth[key] : Math.min(Math.max(value, 0), deepest);
  };
  return {
    page: 'relation',
    name,
    ...(word === 'column' && column && { column }),
    up: depth('up'),
    down: depth('down'),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function linkTo(
  to: { readonly name: string; readonly kind: 'model' | 'dataset' },
  more: { readonly column?: string | undefined; readonly up?: number; readonly down?: number } = {},
): string {
  const { up = defaultDepth.up, down = defaultDepth.down, column } = more;
  const path = `#/${to.kind === 'model' ? 'model' : 'table'}/${encodeURIComponent(to.name)}`;
  const isDefault = up === defaultDepth.up && down === defaultDepth.down;
  return `${path}${column ? `/column/${encodeURIComponent(column)}` : ''}${isDefault ? '' : `?up=${up}&down=${down}`}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useLayoutEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return readRoute(hash);
}
