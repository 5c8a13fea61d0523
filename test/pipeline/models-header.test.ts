import fc from 'fast-check';
import { normalisedType } from '../../lib/pipeline/models/column-types.ts';
import { checkFileKeys, checkKinds, functionKeys, headerKeys } from '../../lib/pipeline/models/header-keys.ts';
import { type Check, materializations, personalDataClasses } from '../../lib/pipeline/models/model.ts';
import { datasets } from '../factories/pipeline.ts';
import { aModelFile, compileModels, problemsUnanalysed } from '../factories/project.ts';

const select = 'SELECT 1 AS a FROM latest.brackets';
const compiled = (header: string) => compileModels([aModelFile('m', select, header)], datasets)[0];
const problems = (header: string) => problemsUnanalysed({ models: [aModelFile('m', select, header)] });
const checksOf = (...lines: string[]) =>
  compiled(`-- checks:\n${lines.map((line) => `--   ${line}\n`).join('')}`)?.checks;

describe('the header of a model', () => {
  it('says everything that can be said', () => {
    const model = compiled(`-- materialization: history
-- key: a, b
-- valid from: changed_at
-- deleted: is_deleted
-- freshness: 2 minutes
-- lane: slow_lane
-- label: Zertifizierte Turniere 🏆
-- columns:
--   a VARCHAR(64) "Spiel: das große" (personal): What: it is
--   b: Only what it is
--   c NUMERIC(38, 2): A type
--   d "Name": A label
--   e (sensitive): A class
--   f timestamp with time zone (none): A long type
-- sort: a, b
-- distribution: key(a)
-- grants: analysts, partners
`);
    expect(model).toMatchObject({
      materialization: 'history',
      key: ['a', 'b'],
      validFrom: 'changed_at',
      deleted: 'is_deleted',
      freshnessSeconds: 120,
      lane: 'slow_lane',
      label: 'Zertifizierte Turniere 🏆',
      contract: false,
      sortColumns: ['a', 'b'],
      distribution: { style: 'key', column: 'a' },
      grants: ['analysts', 'partners'],
    });
    expect(model?.columns).toEqual([
      {
        name: 'a',
        type: 'character varying(64)',
        label: 'Spiel: das große',
        personalData: 'personal',
        description: 'What: it is',
      },
      { name: 'b', description: 'Only what it is' },
      { name: 'c', type: 'numeric(38,2)', description: 'A type' },
      { name: 'd', label: 'Name', description: 'A label' },
      { name: 'e', personalData: 'sensitive', description: 'A class' },
      { name: 'f', type: 'timestamp with time zone', personalData: 'none', description: 'A long type' },
    ]);
  });

  it('takes checks of every kind', () => {
    expect(
      checksOf(
        'not_null: a',
        'unique (warn): a, b',
        'expression: a <= b',
        "accepted_values: a in planned, running, 'with, comma', 'it''s'",
        'relationship: a to latest.brackets._key',
        'row_count: 1..1000000',
        'row_count (warn): >= 1',
        'row_count: <= 10',
        'freshness: a within 2 hours',
        'anomaly (warn): row_count',
        'anomaly: null_share(a)',
      ),
    ).toEqual([
      { kind: 'not_null', column: 'a', severity: 'error' },
      { kind: 'unique', columns: ['a', 'b'], severity: 'warn' },
      { kind: 'expression', sql: 'a <= b', severity: 'error' },
      {
        kind: 'accepted_values',
        column: 'a',
        values: ['planned', 'running', 'with, comma', "it's"],
        severity: 'error',
      },
      { kind: 'relationship', column: 'a', table: 'latest.brackets', field: '_key', severity: 'error' },
      { kind: 'row_count', minimum: 1, maximum: 1_000_000, severity: 'error' },
      { kind: 'row_count', minimum: 1, severity: 'warn' },
      { kind: 'row_count', maximum: 10, severity: 'error' },
      { kind: 'freshness', column: 'a', maxAgeSeconds: 7200, severity: 'error' },
      { kind: 'anomaly', measure: 'row_count', severity: 'warn' },
      { kind: 'anomaly', measure: 'null_share', column: 'a', severity: 'error' },
    ]);
  });

  it.each([
    ['-- materialisation: table', '3: there is no header key materialisation; did you mean materialization?'],
    ['-- materialization: tabel', '3: there is no materialization tabel; did you mean table?'],
    [
      '-- materialization: incremental',
      '3: what is incremental needs a key, the columns that tell its rows apart; add a line: -- key: …',
    ],
    [
      '-- materialization: history\n-- key: a',
      '3: a history needs to know since when a version holds; add a line: -- valid from: …',
    ],
    ['-- valid from: a', '3: only a history has valid from; take it out'],
    ['-- materialization: view\n-- sort: a', '4: a view holds no rows, so it has no sort; take it out'],
    ['-- lane: Main Lane', "3: Main Lane is not a lane's name; write one in lower case, such as main"],
    ['-- contract: yes', '3: a contract is enforced, or not there: -- contract: enforced'],
    ['-- contract: enforced\n-- columns:\n--   a: x', '5: a contract freezes types: write a with its type'],
    ['-- distribution: key a', '3: key a is not a distribution; write auto, even, all or key(column)'],
    [
      '-- columns:\n--   a (privat): x',
      '4: there is no personal data class privat; there are: none, pseudonymous, personal, sensitive',
    ],
    ['-- columns:\n--   a VARCHR(64): x', '4: VARCHR(64) is not a type of Redshift; did you mean VARCHAR?'],
    ['-- columns:\n--   a VARCHAR(65536): x', '4: VARCHAR(65536) is not a type of Redshift; did you mean VARCHAR?'],
    ['-- columns:\n--   a: x\n--   a: y', '5: the column a is there twice; keep one'],
    ['-- checks:\n--   not_nul: a', '4: there is no check not_nul; did you mean not_null?'],
    ['-- checks:\n--   not_null (fatal): a', '4: there is no severity fatal; there are: error, warn'],
    [
      '-- checks:\n--   row_count: 5..1',
      '4: 5..1 is not what row_count asks: write it as `row_count: 1..1000000`, or as >= 1, or as <= 10',
    ],
    ['-- checks:\n--   anomaly: meen(a)', '4: there is no measure meen; did you mean mean?'],
    [
      "-- checks:\n--   accepted_values: a in 'open",
      "4: a in 'open is not what accepted_values asks: write it as `accepted_values: status in planned, running, 'on hold, late'`",
    ],
    [
      '-- checks:\n--   relationship: a to latest.bracket._key',
      '4: there is no table latest.bracket; did you mean latest.brackets?',
    ],
    ['-- key: a\n-- key: b', '4: key is there twice; keep one'],
  ])('%j is refused', (header, expected) => {
    expect(problems(`${header}\n`)).toEqual([`mart/m.sql:${expected}`]);
  });

  it('takes lines that end as on Windows', () => {
    const file = aModelFile('m', select, '-- checks:\n--   not_null: a\n');
    const [model] = compileModels([{ ...file, text: `\ufeff${file.text.replaceAll('\n', '\r\n')}` }], datasets);
    expect(model).toMatchObject({ sql: select, owner: 'me', checks: [{ kind: 'not_null', column: 'a' }] });
  });

  it('is documented with examples that are true', () => {
    const lines = checkKinds.map(
      ({ name, example }) => `${name}: ${example.replace('mart.organizers', 'latest.brackets')}`,
    );
    expect(checksOf(...lines)?.map(({ kind }) => kind)).toEqual(['not_null', ...checkKinds.map(({ name }) => name)]);
    for (const { name, example } of headerKeys.filter(({ name: key }) => !['owner', 'description'].includes(key))) {
      const value = ['columns', 'checks'].includes(name) ? `\n--   ${example}` : ` ${example}`;
      const kind = ['valid from', 'deleted'].includes(name) ? '-- materialization: history\n-- key: a\n' : '';
      const since = name === 'deleted' ? '-- valid from: a\n' : '';
      expect(problems(`${kind}${since}-- ${name}:${value}\n`)).toEqual([]);
    }
    for (const { meaning } of [...checkFileKeys, ...functionKeys]) expect(meaning).toMatch(/^\S.*[^.]$/);
  });

  it('given any header, when it is written and read, then it says the same', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
    const words = fc.stringMatching(/^[\p{L}][\p{L}\p{N} ,:;'"()🏆]{0,30}[\p{L}]$/u);
    const values = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...`ab ,'é(🏆`) }), {
      minLength: 1,
      maxLength: 4,
    });
    const column = fc.record(
      {
        name,
        description: words,
        type: fc.constantFrom(
          'integer',
          'character varying(64)',
          'numeric(38,2)',
          'timestamp without time zone',
          'super',
        ),
        label: words,
        personalData: fc.constantFrom(...personalDataClasses),
      },
      { requiredKeys: ['name', 'description'] },
    );
    const columns = fc.uniqueArray(column, { selector: (one) => one.name, maxLength: 5 });
    fc.assert(
      fc.property(columns, words, name, values, (notes, label, lane, accepted) => {
        const lines = notes.map(
          (note) =>
            `--   ${note.name}${note.type ? ` ${note.type}` : ''}${note.label ? ` "${note.label.replaceAll('"', '""')}"` : ''}${note.personalData ? ` (${note.personalData})` : ''}: ${note.description}\n`,
        );
        const listed = accepted.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ');
        const model = compiled(
          `-- label: ${label}\n-- lane: ${lane}\n-- columns:\n${lines.join('')}-- checks:\n--   accepted_values: a in ${listed}\n`,
        );
        const check: Check = { kind: 'accepted_values', column: 'a', values: accepted, severity: 'error' };
        expect(model).toMatchObject({ label, lane, checks: [check] });
        expect(model?.columns).toEqual(notes);
      }),
    );
  });
});

describe('types in a header', () => {
  it.each([
    ['INT', 'integer'],
    ['varchar', 'character varying(256)'],
    ['VARCHAR(MAX)', 'character varying(65535)'],
    ['Character Varying (12)', 'character varying(12)'],
    ['char', 'character(1)'],
    ['decimal', 'numeric(18,0)'],
    ['DECIMAL( 38 , 2 )', 'numeric(38,2)'],
    ['timestamptz', 'timestamp with time zone'],
    ['TIME WITH TIME ZONE', 'time with time zone'],
    ['double  precision', 'double precision'],
    ['varbyte(10)', 'binary varying(10)'],
  ])('%s is %s', (written, expected) => {
    expect(normalisedType(written)).toBe(expected);
    expect(normalisedType(expected)).toBe(expected);
  });

  it.each([
    'constructor',
    'integer(4)',
    'decimal(39)',
    'decimal(3,4)',
    'varchar(0)',
    'varchar(1,2)',
    'super with time zone',
    '',
  ])('%j is none', (written) => {
    expect(normalisedType(written)).toBeUndefined();
  });
});

it('materializations are all taken', () => {
  for (const kind of materializations) {
    const more = kind === 'history' ? '-- valid from: a\n' : '';
    expect(compiled(`-- materialization: ${kind}\n-- key: a\n${more}`)?.materialization).toBe(kind);
  }
});
