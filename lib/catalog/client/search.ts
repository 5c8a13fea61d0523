import MiniSearch from 'minisearch';
import type { SearchData } from '../site-data.ts';
import type { Catalog } from './catalog-index.ts';

export interface Found {
  readonly name: string;
  readonly column?: string;
  readonly label: string;
  readonly description: string;
}

interface Entry extends Found {
  readonly id: number;
  readonly words: string;
  readonly owner: string;
}

const shownAtMost = 30;

/** Words of any language: `daily_kpi` is two, and Japanese has no spaces. */
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const tokenize = (text: string): string[] =>
  [...segmenter.segment(text.replaceAll(/[_.[\]*]/g, ' '))].filter((one) => one.isWordLike).map((one) => one.segment);

/** Search over names, labels, descriptions, owners and columns; forgives a slip of the finger. */
export function searcher(catalog: Catalog, columns: SearchData): (text: string) => Found[] {
  const relations = catalog.relations.map(({ name, label = '', description, owner }) => ({
    name,
    label,
    description,
    owner,
  }));
  const fields = columns.map(([name, column, label, description]) => ({ name, column, label, description, owner: '' }));
  const entries: Entry[] = [...relations, ...fields].map((found, id) => ({
    ...found,
    id,
    words: 'column' in found ? String(found.column) : found.name,
  }));
  const index = new MiniSearch<Entry>({
    fields: ['words', 'label', 'description', 'owner'],
    tokenize,
    processTerm: plain,
    searchOptions: {
      boost: { words: 4, label: 3 },
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      combineWith: 'AND',
      // A table before one of its columns.
      boostDocument: (id) => (Number(id) < relations.length ? 2 : 1),
    },
  });
  index.addAll(entries);
  return (text) => {
    const ranked = index.search(text).map(({ id }) => entries[Number(id)]);
    return [...new Set([...ranked, ...inside(entries, text)])].filter((one) => one !== undefined).slice(0, shownAtMost);
  };
}

/** Parts of words: German makes long ones. */
function inside(entries: readonly Entry[], text: string): Entry[] {
  const part = plain(text.trim());
  if (part.length < 2) return [];
  return entries.filter(({ words, label }) => plain(`${words}\n${label}`).includes(part));
}
