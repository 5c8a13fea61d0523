import fc from 'fast-check';
import type { RedshiftType } from '../../local/redshift/types.ts';
import { fromBinary, toBinary } from '../../local/redshift/wire/binary.ts';

function there(kind: RedshiftType['kind'], text: string): string {
  return fromBinary(Buffer.from(toBinary(text, kind)), kind);
}

describe('binary values', () => {
  it.each([
    ['bool', 't'],
    ['int2', '-32768'],
    ['int8', '9223372036854775807'],
    ['float8', '0.1'],
    ['float4', '1.5'],
    ['decimal', '0'],
    ['decimal', '-0.00010'],
    ['decimal', '10000.0000'],
    ['decimal', '99999999999999999999999999999999999999'],
    ['date', '0001-01-01'],
    ['date', '9999-12-31'],
    ['time', '23:59:59.999999'],
    ['timetz', '23:59:59.5+02:30'],
    ['timetz', '00:00:00-08'],
    ['timestamp', '1999-12-31 23:59:59.5'],
    ['timestamptz', '2026-02-28 00:00:00+00'],
    ['varbyte', 'ff00'],
    ['super', '{"a":1}'],
  ] as const)('%s %s comes back as it went', (kind, text) => expect(there(kind, text)).toBe(text));

  it('gives clients the bytes that PostgreSQL documents', () => {
    expect(Buffer.from(toBinary('12345.6789', 'decimal')).toString('hex')).toBe('000300010000000400010929' + '1a85');
    expect(Buffer.from(toBinary('2000-01-02', 'date')).toString('hex')).toBe('00000001');
    expect(Buffer.from(toBinary('2000-01-01 02:00:00+02', 'timestamptz')).toString('hex')).toBe('0000000000000000');
  });

  it("writes Redshift's own intervals as its drivers read them, and oids in four bytes", () => {
    const hex = (text: string, kind: RedshiftType['kind']) => Buffer.from(toBinary(text, kind)).toString('hex');
    expect(hex('1 years 2 mons', 'interval_year_to_month')).toBe('0000000e');
    expect(hex('-1 years 0 mons', 'interval_year_to_month')).toBe('fffffff4');
    expect(hex('1 days 0 hours 1 mins 0.5 secs', 'interval_day_to_second')).toBe(
      86_460_500_000n.toString(16).padStart(16, '0'),
    );
    expect(hex('0 days 0 hours 0 mins -0.000001 secs', 'interval_day_to_second')).toBe('ffffffffffffffff');
    expect(Buffer.from(toBinary('4294967295', 'int8', 'oid')).toString('hex')).toBe('ffffffff');
  });

  it('keeps any decimal', () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,20}(\.\d{1,17})?$/);
    fc.assert(fc.property(digits, (text) => there('decimal', text) === text));
  });

  it('refuses broken bytes and types without a binary form', () => {
    expect(() => fromBinary(Buffer.from([1]), 'int4')).toThrow('incorrect binary data format');
    expect(() => fromBinary(Buffer.from([0]), 'interval_day_to_second')).toThrow('no binary input function');
    expect(() => toBinary('{a}', 'varchar', '_text')).toThrow('no binary output function');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => survives(Buffer.from(bytes))));
  });
});

function survives(bytes: Buffer): boolean {
  for (const kind of ['decimal', 'timestamp', 'date', 'time', 'varchar'] as const) {
    try {
      fromBinary(bytes, kind);
    } catch (error) {
      if ((error as Error).name !== 'RedshiftError') throw error;
    }
  }
  return true;
}
