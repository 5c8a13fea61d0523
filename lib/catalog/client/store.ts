import type { Relation } from '../catalog.ts';
import type { ColumnLineageData, IndexData, ObservedData, SearchData, StatusData } from '../site-data.ts';

/** What each kind of data file holds. */
interface Files {
  'data/index.js': IndexData;
  'data/status.js': StatusData;
  'data/search.js': SearchData;
  'data/column-lineage.js': ColumnLineageData;
  [relation: `data/relations/${string}`]: Relation;
  [observed: `data/observed-${string}`]: ObservedData;
}

const arrived = new Map<string, unknown>();
const awaited = new Map<string, (data: unknown) => void>();
const asked = new Map<string, Promise<unknown>>();

/** Each data file calls this with its data; see renderCatalog. */
export function takeData(path: string, data: unknown): void {
  arrived.set(path, data);
  awaited.get(path)?.(data);
}

/** A data file, read once; by a script element, because a page that is opened as a file may fetch nothing. */
export function load<P extends keyof Files & string>(path: P): Promise<Files[P]> {
  const known = asked.get(path);
  if (known) return known as Promise<Files[P]>;
  const reading = new Promise<unknown>((resolve, reject) => {
    if (arrived.has(path)) return resolve(arrived.get(path));
    awaited.set(path, resolve);
    const script = document.createElement('script');
    script.src = path;
    script.onload = () => script.remove();
    script.onerror = () => {
      asked.delete(path);
      reject(new Error(`${path} could not be read: is the site whole, and may you read it?`));
    };
    document.head.append(script);
  });
  asked.set(path, reading);
  return reading as Promise<Files[P]>;
}

/** The data of the page's own script tags, if they have come. */
export const arrivedData = <P extends keyof Files & string>(path: P): Files[P] | undefined =>
  arrived.get(path) as Files[P] | undefined;
