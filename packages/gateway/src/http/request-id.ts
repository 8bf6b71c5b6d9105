import { randomFillSync } from "node:crypto";

const idBytes = 16;
const pool = Buffer.alloc(idBytes * 256);
let used = pool.length;

/** 128 random bits in hexadecimal. Drawn from a pool: one system call serves 256 requests. */
export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.toString("hex", used - idBytes, used).toUpperCase();
}
