import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../service.ts';

/** CRC-32C (Castagnoli), reflected, a table of one byte. */
const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(body: Buffer): Buffer {
  let value = 0xffffffff;
  for (const byte of body) value = (crc32cTable[(value ^ byte) & 0xff] as number) ^ (value >>> 8);
  return uint32(~value >>> 0);
}

/** CRC-64/NVME, reflected polynomial 0x9a6c9329ac4bc9b5, kept as two halves of 32 bits (AWS CLI v2 sends it by default). */
const crc64Table = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  return [Number(value >> 32n), Number(value & 0xffffffffn)] as const;
});

function crc64nvme(body: Buffer): Buffer {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const byte of body) {
    const [tableHigh, tableLow] = crc64Table[(low ^ byte) & 0xff] as readonly [number, number];
    low = (((low >>> 8) | (high << 24)) ^ tableLow) >>> 0;
    high = ((high >>> 8) ^ tableHigh) >>> 0;
  }
  return Buffer.concat([uint32(~high >>> 0), uint32(~low >>> 0)]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

const hash = (algorithm: string) => (body: Buffer) => createHash(algorithm).update(body).digest();

/** Headers that carry a checksum of the body in base64, and how each is computed. */
const algorithms: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  'content-md5': hash('md5'),
  'x-amz-checksum-crc32': (body) => uint32(crc32(body)),
  'x-amz-checksum-crc32c': crc32c,
  'x-amz-checksum-crc64nvme': crc64nvme,
  'x-amz-checksum-sha1': hash('sha1'),
  'x-amz-checksum-sha256': hash('sha256'),
};

/** Checks every checksum that came with a body (header or trailer); gives back those to keep with the object. */
export function verifyChecksums(body: Buffer, headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const compute = algorithms[name];
    if (!compute) continue;
    const actual = compute(body);
    const claimed = Buffer.from(value, 'base64');
    if (claimed.length !== actual.length || !timingSafeEqual(claimed, actual)) {
      throw new ServiceError(
        'BadDigest',
        `the ${name} you specified (${value}) is not that of the ${body.length} bytes received`,
      );
    }
    if (name !== 'content-md5') kept[name] = value;
  }
  verifyPayloadHash(body, headers['x-amz-content-sha256']);
  return kept;
}

function verifyPayloadHash(body: Buffer, claimed: string | undefined): void {
  if (claimed === undefined || !/^[0-9a-f]{64}$/.test(claimed)) return;
  if (hash('sha256')(body).toString('hex') === claimed) return;
  throw new ServiceError('XAmzContentSHA256Mismatch', "the x-amz-content-sha256 header is not the body's hash");
}
