import fc from 'fast-check';
import { next, type Surroundings } from '../../lib/pipeline/next.ts';
import { type Attempt, mayPass, type Work } from '../../lib/pipeline/work.ts';
import { aModel, datasets, noon } from '../factories/pipeline.ts';

const surroundings: Surroundings = {
  datasets,
  models: [aModel()],
  functions: [],
  readers: { analysts: { schemas: ['mart'] } },
  lakeBucket: 'lake',
  copyRoleArn: 'arn:aws:iam::000000000000:role/copy',
  nowMilliseconds: noon,
};
const load: Work = {
  kind: 'load',
  execution: 'main-17',
  lane: 'main',
  generation: 17,
  loadId: 'main-17-brackets-00c0ffee00c0ffee',
  dataset: 'brackets',
  codec: 'zstd',
  manifestKey: 'manifests/brackets/main-17-brackets-00c0ffee00c0ffee.json',
  objectCount: 1,
};
const model: Work = { kind: 'model', execution: 'main-17', model: 'mart.players' };
const prepare: Work = { kind: 'prepare', execution: 'main-17', hash: '0' };

describe('what is next', () => {
  it('reads the row of the ledger that the load answers with', () => {
    const submitted = next(load, [], surroundings);
    if (submitted.kind !== 'submit') throw new Error('nothing was submitted');
    expect(submitted.statements[(submitted.reads[0] ?? 0) - 1]).toMatch(/^SELECT .*\nFROM "ops"."loads"/);
  });

  it('is the end, without harm, for a load that a later run has overtaken', () => {
    const finished: Attempt = { step: 'load', number: 1, outcome: 'finished', results: [[]] };
    expect(next(load, [finished], surroundings)).toEqual({ kind: 'done', outcome: { kind: 'fenced', work: load } });
  });

  it('is the end, at any of its batches, for a model that a later run has written', () => {
    // A generation may look like the number of a conflict, which would be tried again.
    const error = 'ERROR: FENCED: generation 1023 of lane main has written since generation 17';
    expect(mayPass(error)).toBe(false);
    for (const step of ['build', 'sample', 'replace', 'describe-0', 'swap', 'remake', 'tidy', 'reject', 'discard']) {
      const attempts: Attempt[] = [{ step, number: 1, outcome: 'failed', error, results: [] }];
      const over = next(model, attempts, surroundings);
      expect(over).toEqual({ kind: 'done', outcome: { kind: 'fenced', work: model } });
    }
  });

  it('is the end, published, for a model whose publish was taken for failed while it was not', () => {
    const finished = (step: string, results: Attempt['results'] = []): Attempt => ({
      step,
      number: 1,
      outcome: 'finished',
      results,
    });
    const swap: Attempt = { ...finished('swap'), outcome: 'failed', error: 'relation "players__next" does not exist' };
    const before = [
      finished('build'),
      finished('check', [[['row_count', 'info', '5']], []]),
      finished('describe-0'),
      swap,
    ];
    expect(next(model, before, surroundings)).toMatchObject({ step: 'discard' });
    expect(next(model, [...before, finished('discard', [[['published']]])], surroundings)).toMatchObject({
      outcome: { kind: 'published', rows: 5 },
    });
    expect(next(model, [...before, finished('discard', [[['failed']]])], surroundings)).toMatchObject({
      outcome: { kind: 'failed' },
    });
  });

  it('is known, whatever the clocks, to be no fresher than now', () => {
    const row = ['1', '1', '0', '2026-11-20 12:05:00.25+00', '2026-11-20 12:05:00.25+00'];
    const finished: Attempt = { step: 'load', number: 1, outcome: 'finished', results: [[row]] };
    expect(next(load, [finished], surroundings)).toMatchObject({ outcome: { freshnessSeconds: 0 } });
  });

  it.each([
    ['ERROR: 1023 Serializable isolation violation on table - 100', true],
    ['RedshiftData.ActiveStatementsExceededException: too many', true],
    ['ERROR: terminating connection due to administrator command', true],
    ['the statement is ABORTED and says nothing more', true],
    ['ERROR: column "x" does not exist', false],
    ['ERROR: permission denied for schema mart', false],
    ['ERROR: Load into table stage failed', false],
  ])('after "%s" is another try: %s', (error, isRetried) => {
    expect(mayPass(error)).toBe(isRetried);
  });

  it('asks the warehouse what it refuses, once, in a batch that loads nothing', () => {
    const refusedBy: Attempt = {
      ...{ step: 'load', number: 1, outcome: 'failed', error: 'ERROR: Load failed', results: [] },
    };
    const diagnosis = next(load, [refusedBy], surroundings);
    if (diagnosis.kind !== 'submit') throw new Error('nothing was submitted');
    expect(diagnosis).toMatchObject({ step: 'diagnose', reads: [diagnosis.statements.length] });
    expect(diagnosis.statements.join('\n')).toContain('MAXERROR 100000');
    expect(diagnosis.statements.join('\n')).not.toMatch(/INSERT|DELETE/);

    const found: Attempt = { step: 'diagnose', number: 1, outcome: 'finished', results: [] };
    const outcome = { kind: 'refused', work: load, reason: 'ERROR: Load failed', findingsKey: diagnosis.resultsKey };
    expect(next(load, [refusedBy, found], surroundings)).toEqual({ kind: 'done', outcome });
  });

  it.each([
    ['ERROR: Load into table stage failed', 'ERROR: Invalid GZIP data', 'refused'],
    ['ERROR: Load into table stage failed', 'ERROR: permission denied', 'failed'],
    ['ERROR: S3ServiceException:Access Denied,Status 403', undefined, 'refused'],
    ['ERROR: relation "raw.brackets" does not exist', undefined, 'failed'],
    ['ERROR: User arn:aws:iam::1:role/x is not authorized to assume IAM Role', undefined, 'failed'],
  ])('after "%s", and then "%s", the load is %s', (error, diagnosed, kind) => {
    const ended = (step: string, text: string): Attempt => ({
      ...{ step, number: 1, outcome: 'failed', error: text, results: [] },
    });
    const history = [ended('load', error), ...(diagnosed === undefined ? [] : [ended('diagnose', diagnosed)])];
    expect(next(load, history, surroundings)).toMatchObject({ outcome: { kind } });
  });

  it('ends for every work, whatever the statements answer, and never sends a token twice', () => {
    const ending = fc.oneof(
      fc.constant({ outcome: 'finished' as const }),
      fc
        .constantFrom('1023', 'does not exist', 'already exists')
        .map((error) => ({ outcome: 'failed' as const, error })),
    );
    const severity = fc.constantFrom('error', 'warn');
    const checks = fc.array(fc.tuple(fc.constant('unique: id'), severity, fc.constantFrom('0', '2')), { maxLength: 3 });
    const endings = fc.infiniteStream(fc.record({ how: ending, found: checks }));
    fc.assert(
      fc.property(fc.constantFrom(load, model, prepare), endings, (work, stream) => {
        const history: Attempt[] = [];
        const tokens = new Set<string>();
        for (let round = 0; round < 40; round++) {
          const decision = next(work, history, surroundings);
          if (decision.kind === 'done') return;
          expect(decision.clientToken).toHaveLength(64);
          expect(tokens.has(decision.clientToken)).toBe(false);
          tokens.add(decision.clientToken);
          const { how, found } = stream.next().value;
          const results = decision.reads.map(() => found.map((row: string[]) => [...row]));
          history.push({
            step: decision.step,
            number: decision.number,
            results: [],
            ...how,
            ...(how.outcome === 'finished' && { results }),
          });
        }
        throw new Error('it goes on and on');
      }),
    );
  });
});
