import { crcPolynomials, type CrcAlgorithm, type Polynomial } from "./crc-polynomials.ts";

/** A piece of an object: its digest and its length in bytes. */
export interface CrcPart {
  readonly digest: Uint8Array;
  readonly size: number;
}

interface Field {
  readonly bits: 32 | 64;
  readonly modulus: Polynomial;
  /** x^(2^k) for k from 0. */
  readonly powers: readonly Polynomial[];
}

const zero: Polynomial = { high: 0, low: 0 };
const one: Polynomial = { high: 1 << 31, low: 0 };

const fields = new Map<CrcAlgorithm, Field>();

/** The digest of all parts in a row, from theirs alone; no parts give the digest of no bytes. */
export function combineCrc(algorithm: CrcAlgorithm, parts: Iterable<CrcPart>): Buffer {
  const field = fields.get(algorithm) ?? createField(algorithm);
  fields.set(algorithm, field);
  let whole = zero;
  for (const { digest, size } of parts) {
    whole = add(multiply(field, whole, shift(field, size)), read(digest));
  }
  return write(field, whole);
}

// The narrow fields live in `high` alone: what is shifted from there into `low` is never read.
function createField(algorithm: CrcAlgorithm): Field {
  const { bits, modulus } = crcPolynomials[algorithm];
  const powers: Polynomial[] = [];
  const field = { bits, modulus, powers };
  let power: Polynomial = { high: 1 << 30, low: 0 };
  // Enough for 8 * Number.MAX_SAFE_INTEGER bits.
  for (let k = 0; k < 56; k += 1) {
    powers.push(power);
    power = multiply(field, power, power);
  }
  return field;
}

/** x^(8 * size): what a digest is multiplied by when that many bytes follow it. */
function shift(field: Field, size: number): Polynomial {
  let product = one;
  let rest = size;
  for (const power of field.powers.slice(3)) {
    if (rest === 0) break;
    if (rest % 2 === 1) product = multiply(field, product, power);
    rest = Math.floor(rest / 2);
  }
  return product;
}

function multiply({ bits, modulus }: Field, a: Polynomial, b: Polynomial): Polynomial {
  let high = 0;
  let low = 0;
  let termHigh = b.high;
  let termLow = b.low;
  for (let exponent = 0; exponent < bits; exponent += 1) {
    const word = exponent < 32 ? a.high : a.low;
    if (word << (exponent % 32) < 0) {
      high ^= termHigh;
      low ^= termLow;
    }
    const overflow = (bits === 64 ? termLow : termHigh) & 1;
    termLow = (termLow >>> 1) | (termHigh << 31);
    termHigh >>>= 1;
    if (overflow === 1) {
      termHigh ^= modulus.high;
      termLow ^= modulus.low;
    }
  }
  return { high, low };
}

function add(a: Polynomial, b: Polynomial): Polynomial {
  return { high: a.high ^ b.high, low: a.low ^ b.low };
}

function read(digest: Uint8Array): Polynomial {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return { high: view.getInt32(0), low: digest.length === 8 ? view.getInt32(4) : 0 };
}

function write({ bits }: Field, { high, low }: Polynomial): Buffer {
  const digest = Buffer.alloc(bits / 8);
  digest.writeInt32BE(high | 0, 0);
  if (bits === 64) digest.writeInt32BE(low | 0, 4);
  return digest;
}
