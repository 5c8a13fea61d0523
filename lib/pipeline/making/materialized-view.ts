import { materializedViewLimits } from '../models/materialized-view-limits.ts';
import type { Twin } from '../statements/model/place.ts';
import { twinOf } from '../statements/model/place.ts';
import { faceOf } from '../statements/model/publish.ts';
import {
  booksStatement,
  createTwinStatements,
  noteTwin,
  refreshStatements,
  type TwinBooks,
  twinBooks,
} from '../statements/model/twins.ts';
import { qualifiedName } from '../tables.ts';
import { type Decision, type Step, settledAttempt, submit } from '../work.ts';
import {
  discard,
  type Findings,
  type Making,
  published,
  publishedRun,
  type Strategy,
  takeSteps,
  tidied,
} from './making.ts';
import { show } from './view.ts';

const look = ({ model }: Making): Step => ({ name: 'look', statements: [booksStatement(model)], reads: [1] });

const booksOf = (making: Making): TwinBooks => twinBooks(settledAttempt(making.history, 'look')?.results[0] ?? []);

const hiddenOf = ({ seen }: TwinBooks): Twin => (seen === 'a' ? 'b' : 'a');

/** Refreshes the one that nobody sees; it is made anew where its definition is another, or where it cannot be refreshed. */
function build(making: Making): Decision | undefined {
  const { model, models, holder, piece, history } = making;
  const limits = materializedViewLimits(model, models);
  if (limits.length > 0) return discard(making, limits.join('; '));
  const looking = takeSteps(making, [look(making)]);
  if (looking) return looking;
  const books = booksOf(making);
  const hidden = hiddenOf(books);
  if (books.definitions.get(hidden) === model.definition) {
    const last = settledAttempt(history, 'refresh');
    const step = { name: 'refresh', statements: refreshStatements(model, holder, hidden) };
    if (!last) return submit(piece, step, history);
    if (last.outcome === 'finished') return undefined;
  }
  const run = publishedRun(making, nothingFound);
  return takeSteps(making, [{ name: 'build', statements: createTwinStatements(model, run, hidden) }]);
}

const nothingFound: Findings = { rows: 0, checks: [], measured: [], published: undefined, standing: undefined };

function publish(making: Making, found: Findings): Decision {
  const { model, piece } = making;
  const hidden = hiddenOf(booksOf(making));
  const note = noteTwin(model, publishedRun(making, found), hidden, 'published');
  const next = show(making, found, [faceOf(model, twinOf(model, hidden)), note]);
  if (next) return next;
  // What is still on the old definition would keep the tables that it reads from being replaced.
  return found.published === model.definition ? published(piece, found) : tidied(making, found, hidden);
}

/**
 * A materialized view: two of them, and a view on the one that was refreshed and checked last. So nobody reads what is being
 * refreshed, and what has failed its checks is never seen.
 */
export const materializedView: Strategy = {
  build,
  audited: (making) => {
    const hidden = qualifiedName(twinOf(making.model, hiddenOf(booksOf(making))));
    return { rows: hidden, whole: hidden };
  },
  publish,
};
