import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, canonicalNumber, sameJson } from '../../lib/pipeline/exact-json.ts';
import { idOfRepair, repairsOf, type SourceRow, type WarehouseRow } from '../../lib/pipeline/repair.ts';
import { instantOf, repairPosition, snapshotPosition } from '../../lib/pipeline/snapshot-position.ts';

const hour = 3_600_000_000n;
const noon = 1_795_176_000_000_000n;
const eventPosition = '7'.padStart(40, '0');

function aSource(over: Partial<SourceRow> = {}): SourceRow {
  return { key: '{"id":"1"}', payload: '{"id":"1","round":2}', asOfMicroseconds: noon, ...over };
}
function aPresent(over: Partial<WarehouseRow> = {}): WarehouseRow {
  const at = instantOf(noon - hour);
  return { key: '{"id":"1"}', position: eventPosition, at, op: 'update', payload: '{"id":"1","round":1}', ...over };
}
const decide = (source: SourceRow, ...present: WarehouseRow[]) => repairsOf([source], present)[0];

describe('what is to be repaired', () => {
  test('given nothing of the key, when the source has it, then it is written as a snapshot', () => {
    expect(decide(aSource())).toMatchObject({ kind: 'unknown', position: snapshotPosition(noon) });
  });

  test('given other content that is older, when the source is later, then a repair wins over it', () => {
    expect(decide(aSource(), aPresent())).toMatchObject({
      kind: 'differs',
      position: repairPosition(eventPosition, noon),
    });
  });

  test.each<[string, Partial<SourceRow>, Partial<WarehouseRow>]>([
    ['the same', {}, { payload: '{"id":"1","round":2}' }],
    ['the same in another spelling', {}, { payload: '{"round": 2.0, "id": "\\u0031"}' }],
    ['a tombstone, as the source has', { payload: undefined }, { op: 'delete' }],
    ['an expired key, as the source has', { payload: undefined }, { op: 'expire' }],
  ])('given %s, when it is compared, then nothing is to be done', (_name, source, present) => {
    expect(decide(aSource(source), aPresent(present))).toMatchObject({ kind: 'same' });
  });

  test.each([
    ['later than the source', instantOf(noon + 1n), 'ahead'],
    ['five minutes before it', instantOf(noon - 300_000_000n), 'ahead'],
    ['a microsecond more', instantOf(noon - 300_000_001n), 'differs'],
  ])('given other content %s, when it is compared, then it is %s', (_name, at, kind) => {
    expect(decide(aSource(), aPresent({ at }))).toMatchObject({ kind });
  });

  test.each([
    [noon, 'ahead'],
    [noon - 1n, 'differs'],
  ])('given a snapshot of %s, when the source is of noon, then the exact instant decides: %s', (at, kind) => {
    const present = aPresent({ op: 'snapshot', position: snapshotPosition(at), at: instantOf(at) });
    expect(decide(aSource(), present)).toMatchObject({ kind });
  });

  test('given a payload too long to be read, when it is compared, then it counts as another', () => {
    expect(decide(aSource(), aPresent({ payload: null }))).toMatchObject({ kind: 'differs' });
  });

  test('given a key that the source deleted in a gap, when it is compared, then the delete is written', () => {
    const decision = decide(aSource({ payload: undefined }), aPresent());
    expect(decision).toMatchObject({ kind: 'differs' });
    if (decision?.kind === 'differs') expect(idOfRepair('brackets', decision)).toMatch(/^repair:/);
  });
});

describe('repairs among what streams deliver', () => {
  const digits = fc.bigInt({ min: 1n, max: 1000n });
  const position = digits.map((number) => String(number).padStart(40, '0'));

  test('given any row of the warehouse, when a repair is written, then it wins over it and over no later event', () => {
    fc.assert(
      fc.property(position, position, fc.bigInt({ min: noon, max: noon + hour }), (present, event, asOf) => {
        const decision = decide(aSource({ asOfMicroseconds: asOf }), aPresent({ position: present }));
        if (decision?.kind !== 'differs') return false;
        return decision.position > present && (event <= present || event > decision.position);
      }),
    );
  });

  test('given two readings of a source, when they are repaired in any order, then the later one stays', () => {
    fc.assert(
      fc.property(
        position,
        fc.bigInt({ min: 0n, max: hour }),
        fc.bigInt({ min: 0n, max: hour }),
        (present, one, two) => {
          const positions = [one, two].map((after) => {
            const decision = decide(aSource({ asOfMicroseconds: noon + after }), aPresent({ position: present }));
            return decision?.kind === 'differs' ? decision.position : '';
          }) as [string, string];
          return positions[0] < positions[1] === one < two;
        },
      ),
    );
  });
});

describe('JSON compared by what it says', () => {
  test.each([
    ['1.50', '15e-1'],
    ['-0', '0.00'],
    ['100', '1e2'],
    ['0.001', '1E-3'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678.0'],
  ])('given %s and %s, when they are compared, then they are one number', (one, other) => {
    expect(canonicalNumber(one)).toBe(canonicalNumber(other));
  });

  test('given numbers that a double takes for one, when they are compared, then they differ', () => {
    expect(sameJson('[9007199254740993]', '[9007199254740992]')).toBe(false);
  });

  test('given any value, when its names are in another order, then it is the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const turned = (value: unknown): unknown => {
          if (Array.isArray(value)) return value.map(turned);
          if (value === null || typeof value !== 'object') return value;
          return Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, inner]) => [name, turned(inner)]),
          );
        };
        return canonicalJson(text) === canonicalJson(JSON.stringify(turned(JSON.parse(text)), null, 1));
      }),
    );
  });
});
