import { topic } from './cases.ts';

topic('cryptographic hashes and checksums', [
  [
    `select md5('abc'), md5(null), md5('abc'::varbyte)`,
    [['900150983cd24fb0d6963f7d28e17f72', null, '900150983cd24fb0d6963f7d28e17f72']],
  ],
  [
    `select sha1('abc'), sha('abc') = sha1('abc'), func_sha1('abc') = sha1('abc')`,
    [['a9993e364706816aba3e25717850c26c9cd0d89d', 't', 't']],
  ],
  [
    `select sha2('abc', 224), sha2('abc', 0) = sha2('abc', 256), sha2('abc', 7), len(sha2('abc', 384)), len(sha2('abc', 512))`,
    [['23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7', 't', '', '96', '128']],
  ],
  [`select crc32('123456789'), crc32('')`, [['e3069283', '00000000']]],
  [`select checksum(12.50), checksum(0.07::decimal(8,2)), checksum(null::decimal(8,2))`, [['1250', '7', null]]],
  [`select checksum('abc'::varchar)`, '0A000'],
  [`select checksum(-1.50)`, '0A000'],
]);

topic('FNV_HASH', [
  [`select fnv_hash(''), fnv_hash('a')`, [['-3750763034362895579', '-5808556873153909620']]],
  [`select fnv_hash('marmot') = fnv_hash('mot', fnv_hash('mar')), fnv_hash(7) = fnv_hash(7::bigint)`, [['t', 'f']]],
  [`select fnv_hash('a'::char(3)) = fnv_hash('a  '), fnv_hash('a') = fnv_hash('a ')`, [['t', 'f']]],
]);

topic('FARMFINGERPRINT64', [
  [`select farmfingerprint64('marmot') = farmfingerprint64('marmot'::varbyte), farmfingerprint64(null)`, [['t', null]]],
  [`select farmfingerprint64(4)`, '42883'],
]);

// The values are those that the Iceberg specification lists for its bucket transform.
topic('MURMUR3_32_HASH', [
  [
    `select murmur3_32_hash(34), murmur3_32_hash(34::bigint), murmur3_32_hash(true), murmur3_32_hash('iceberg')`,
    [['2017239379', '2017239379', '1392991556', '1210000089']],
  ],
  [
    `select murmur3_32_hash(14.20), murmur3_32_hash(1.0::float4), murmur3_32_hash(1.0::float8), murmur3_32_hash(-0.0::float8)`,
    [['-500754589', '-142385009', '-142385009', '1669671676']],
  ],
  [
    `select murmur3_32_hash(date '2017-11-16'), murmur3_32_hash(time '22:31:08'), murmur3_32_hash(timestamp '2017-11-16 22:31:08')`,
    [['-653330422', '-662762989', '-2047944441']],
  ],
  [
    `select murmur3_32_hash(timestamptz '2017-11-16 14:31:08-08'), murmur3_32_hash(from_hex('00010203')), murmur3_32_hash(null)`,
    [['-2047944441', '-188683207', null]],
  ],
  [`select murmur3_32_hash(2, 0) = murmur3_32_hash(2), murmur3_32_hash(2, 5) = murmur3_32_hash(2)`, [['t', 'f']]],
]);
