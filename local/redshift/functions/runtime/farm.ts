/** FarmHash's Fingerprint64 (the stable one), from its published description; all arithmetic wraps at 64 bits. */
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => (by === 0n ? value : u64((value >> by) | (value << (64n - by))));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);
const fetch64 = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at);
const fetch32 = (bytes: Buffer, at: number): bigint => BigInt(bytes.readUInt32LE(at));

function hash16(u: bigint, v: bigint, multiplier: bigint): bigint {
  let a = u64((u ^ v) * multiplier);
  a ^= a >> 47n;
  let b = u64((v ^ a) * multiplier);
  b ^= b >> 47n;
  return u64(b * multiplier);
}

function to16(bytes: Buffer): bigint {
  const length = bytes.length;
  if (length >= 8) {
    const multiplier = u64(K2 + BigInt(length) * 2n);
    const a = u64(fetch64(bytes, 0) + K2);
    const b = fetch64(bytes, length - 8);
    const c = u64(rotate(b, 37n) * multiplier + a);
    const d = u64((rotate(a, 25n) + b) * multiplier);
    return hash16(c, d, multiplier);
  }
  if (length >= 4) {
    const multiplier = u64(K2 + BigInt(length) * 2n);
    return hash16(u64(BigInt(length) + (fetch32(bytes, 0) << 3n)), fetch32(bytes, length - 4), multiplier);
  }
  if (length === 0) return K2;
  const [a, b, c] = [bytes[0] as number, bytes[length >> 1] as number, bytes[length - 1] as number];
  const y = BigInt(a + (b << 8));
  const z = BigInt(length + (c << 2));
  return u64(shiftMix(u64(y * K2) ^ u64(z * K0)) * K2);
}

function to32(bytes: Buffer): bigint {
  const length = bytes.length;
  const multiplier = u64(K2 + BigInt(length) * 2n);
  const a = u64(fetch64(bytes, 0) * K1);
  const b = fetch64(bytes, 8);
  const c = u64(fetch64(bytes, length - 8) * multiplier);
  const d = u64(fetch64(bytes, length - 16) * K2);
  return hash16(u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d), u64(a + rotate(u64(b + K2), 18n) + c), multiplier);
}

function to64(bytes: Buffer): bigint {
  const length = bytes.length;
  const multiplier = u64(K2 + BigInt(length) * 2n);
  const a = u64(fetch64(bytes, 0) * K2);
  const b = fetch64(bytes, 8);
  const c = u64(fetch64(bytes, length - 8) * multiplier);
  const d = u64(fetch64(bytes, length - 16) * K2);
  const y = u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d);
  const z = hash16(y, u64(a + rotate(u64(b + K2), 18n) + c), multiplier);
  const e = u64(fetch64(bytes, 16) * multiplier);
  const f = fetch64(bytes, 24);
  const g = u64((y + fetch64(bytes, length - 32)) * multiplier);
  const h = u64((z + fetch64(bytes, length - 24)) * multiplier);
  return hash16(u64(rotate(u64(e + f), 43n) + rotate(g, 30n) + h), u64(e + rotate(u64(f + a), 18n) + g), multiplier);
}

function weak(bytes: Buffer, at: number, seedA: bigint, seedB: bigint): [bigint, bigint] {
  const [w, x, y, z] = [0, 8, 16, 24].map((offset) => fetch64(bytes, at + offset)) as [bigint, bigint, bigint, bigint];
  let a = u64(seedA + w);
  let b = rotate(u64(seedB + a + z), 21n);
  const c = a;
  a = u64(a + x + y);
  b = u64(b + rotate(a, 44n));
  return [u64(a + z), u64(b + c)];
}

function long(bytes: Buffer): bigint {
  const length = bytes.length;
  const seed = 81n;
  let x = seed;
  let y = u64(seed * K1 + 113n);
  let z = u64(shiftMix(u64(y * K2 + 113n)) * K2);
  let v: [bigint, bigint] = [0n, 0n];
  let w: [bigint, bigint] = [0n, 0n];
  x = u64(x * K2 + fetch64(bytes, 0));
  const end = Math.floor((length - 1) / 64) * 64;
  const last = end + ((length - 1) & 63) - 63;
  let at = 0;
  do {
    x = u64(rotate(u64(x + y + v[0] + fetch64(bytes, at + 8)), 37n) * K1);
    y = u64(rotate(u64(y + v[1] + fetch64(bytes, at + 48)), 42n) * K1);
    x ^= w[1];
    y = u64(y + v[0] + fetch64(bytes, at + 40));
    z = u64(rotate(u64(z + w[0]), 33n) * K1);
    v = weak(bytes, at, u64(v[1] * K1), u64(x + w[0]));
    w = weak(bytes, at + 32, u64(z + w[1]), u64(y + fetch64(bytes, at + 16)));
    [z, x] = [x, z];
    at += 64;
  } while (at !== end);
  return finish(bytes, { x, y, z, v, w }, last, length);
}

interface State {
  x: bigint;
  y: bigint;
  z: bigint;
  v: [bigint, bigint];
  w: [bigint, bigint];
}

function finish(bytes: Buffer, state: State, at: number, length: number): bigint {
  let { x, y, z, v, w } = state;
  const multiplier = u64(K1 + ((z & 0xffn) << 1n));
  w = [u64(w[0] + BigInt((length - 1) & 63)), w[1]];
  v = [u64(v[0] + w[0]), v[1]];
  w = [u64(w[0] + v[0]), w[1]];
  x = u64(rotate(u64(x + y + v[0] + fetch64(bytes, at + 8)), 37n) * multiplier);
  y = u64(rotate(u64(y + v[1] + fetch64(bytes, at + 48)), 42n) * multiplier);
  x ^= u64(w[1] * 9n);
  y = u64(y + v[0] * 9n + fetch64(bytes, at + 40));
  z = u64(rotate(u64(z + w[0]), 33n) * multiplier);
  v = weak(bytes, at, u64(v[1] * multiplier), u64(x + w[0]));
  w = weak(bytes, at + 32, u64(z + w[1]), u64(y + fetch64(bytes, at + 16)));
  [z, x] = [x, z];
  return hash16(
    u64(hash16(v[0], w[0], multiplier) + shiftMix(y) * K0 + z),
    u64(hash16(v[1], w[1], multiplier) + x),
    multiplier,
  );
}

export function farmFingerprint64(bytes: Buffer): bigint {
  if (bytes.length <= 16) return to16(bytes);
  if (bytes.length <= 32) return to32(bytes);
  return bytes.length <= 64 ? to64(bytes) : long(bytes);
}
