import { describe, expect, test } from '@jest/globals';
import {
  changeOfExportedLine,
  type ExportLine,
  exportKey,
  intakeOfChange,
  intakeOfExportedItem,
  readExportFiles,
  readExportSummary,
} from '../../lib/pipeline/dynamodb-export.ts';
import { repairsOf } from '../../lib/pipeline/repair.ts';
import { snapshotPosition } from '../../lib/pipeline/snapshot-position.ts';
import { aChange, aTableExport } from '../factories/table-export.ts';

const asOfMicroseconds = 1_795_214_400_123_000n;
const table = { keyNames: ['tournamentId'], asOfMicroseconds };

function aLine(value: object | string | Buffer): ExportLine {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return { dataset: 'brackets', exportId: '0179-a1b2', file: 'data/x.json.gz', line: 3, bytes };
}

describe('the manifests of an export', () => {
  const full = aTableExport({ kind: 'full', exportTime: '2026-11-20T22:40:00.123Z' }, [[{ Item: {} }], []]);

  test('given a full export, when the summary is read, then its instant is exact', () => {
    const text = String(full.objects.get(full.manifestKey));
    expect(readExportSummary(text, full.manifestKey)).toMatchObject({
      exportTime: asOfMicroseconds,
      itemCount: 1,
      exportType: 'FULL_EXPORT',
    });
  });

  test('given the list of files, when it is read, then each line is a file', () => {
    const key = full.manifestKey.replace('summary', 'files');
    expect(readExportFiles(String(full.objects.get(key)), key).map(({ itemCount }) => itemCount)).toEqual([1, 0]);
  });

  test('given something else, when it is read, then the error names the object and the line', () => {
    expect(() => readExportSummary('{', 'manifest-summary.json')).toThrow(/manifest-summary\.json is not as DynamoDB/);
    expect(() => readExportFiles('{"itemCount":1}', 'files')).toThrow(/files, line 1/);
  });

  test('given a key with or without the prefix, when it is resolved, then it has the prefix once', () => {
    expect(exportKey('AWSDynamoDB/1/x', 'exports/a')).toBe('exports/a/AWSDynamoDB/1/x');
    expect(exportKey('exports/a/AWSDynamoDB/1/x', 'exports/a')).toBe('exports/a/AWSDynamoDB/1/x');
  });
});

describe('a line of a full export', () => {
  test('given an item, when it is taken in, then it is a snapshot with every digit', () => {
    const item = { tournamentId: { S: 't-1' }, prize: { N: '12345678901234567890123456789012345678' } };
    const intake = intakeOfExportedItem(aLine({ Item: item }), table);
    expect(intake.kind === 'land' && String(intake.line)).toMatch(
      /^\{"_id":"snapshot:[0-9a-f]{32}","_op":"snapshot","_key":"\{\\"tournamentId\\":\\"t-1\\"\}","_position":"-00001795214400123000","_at":"2026-11-20T22:40:00\.123000Z","payload":\{"tournamentId":"t-1","prize":12345678901234567890123456789012345678\}\}$/,
    );
  });

  test.each<[string, object | string | Buffer, string]>([
    ['without its key', { Item: { name: { S: 'x' } } }, 'MALFORMED_RECORD'],
    ['that is no JSON', '{"Item":', 'MALFORMED_RECORD'],
    ['that is no UTF-8', Buffer.from([0x7b, 0xff]), 'NOT_UTF8'],
    ['of another kind', { Keys: {} }, 'MALFORMED_RECORD'],
    ['with an unknown type', { Item: { tournamentId: { S: 't' }, x: { Q: '1' } } }, 'UNKNOWN_ATTRIBUTE_TYPE'],
    ['with a key too long', { Item: { tournamentId: { S: 'x'.repeat(9000) } } }, 'KEY_TOO_LONG'],
  ])('given a line %s, when it is taken in, then it is set aside with where it stands', (_name, line, code) => {
    const intake = intakeOfExportedItem(aLine(line), table);
    expect(intake.kind === 'reject' && intake.rejected).toMatchObject({
      code,
      source: { exportId: '0179-a1b2', file: 'data/x.json.gz', line: '3' },
    });
  });
});

describe('a line of an incremental export', () => {
  const keys = { tournamentId: { S: 't-1' } };
  const change = (line: object) => {
    const read = changeOfExportedLine(aLine(line), '2026-11-20T22:40:00.123000Z');
    if (read.kind === 'rejected') throw new Error('rejected');
    return read.change;
  };
  const written = (line: object) => {
    const [decision] = repairsOf([change(line)], []);
    if (decision?.kind !== 'unknown') throw new Error('nothing to write');
    const intake = intakeOfChange(decision);
    return intake.kind === 'land' ? JSON.parse(String(intake.line)) : intake.rejected;
  };

  test('given a write, when the warehouse has nothing of the key, then it lands at the instant of the write', () => {
    const newImage = { ...keys, round: { N: '2.50' } };
    expect(written(aChange(keys, { newImage, oldImage: keys }, asOfMicroseconds))).toMatchObject({
      _op: 'snapshot',
      _position: snapshotPosition(asOfMicroseconds),
      _at: '2026-11-20T22:40:00.123000Z',
      payload: { tournamentId: 't-1', round: 2.5 },
    });
  });

  test.each([
    [{ oldImage: { ...keys, round: { N: '1' } } }, { tournamentId: 't-1', round: 1 }],
    [{}, { tournamentId: 't-1' }],
  ])('given a delete with %j, when it lands, then it is a delete with what was last known', (images, payload) => {
    expect(written(aChange(keys, images, asOfMicroseconds))).toMatchObject({ _op: 'delete', payload });
  });

  test('given a line without the time of its write, when it is read, then it is set aside', () => {
    const read = changeOfExportedLine(aLine({ Keys: keys, NewImage: keys }), '2026-11-20T22:40:00.123000Z');
    expect(read.kind === 'rejected' && read.intake).toMatchObject({ rejected: { code: 'MALFORMED_RECORD' } });
  });
});
