import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Fixture, Interop } from "./context.ts";

const mebibyte = 1024 * 1024;

/** Sizes that are no multiple of a part or a block, so that every last part is an odd one. */
const sizes = {
  small: 70_001,
  medium: 20 * mebibyte + 7,
  large: 200 * mebibyte + 13,
} as const;

async function fixture(file: string, size: number): Promise<Fixture> {
  const hash = createHash("sha256");
  const out = createWriteStream(file);
  for (let written = 0; written < size; written += mebibyte) {
    const block = randomBytes(Math.min(mebibyte, size - written));
    hash.update(block);
    if (!out.write(block)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
  return { file, size, sha256: hash.digest("hex") };
}

/** Writes the suite's random files below `directory`. */
export async function makeFixtures(directory: string): Promise<Interop["fixtures"]> {
  return {
    small: await fixture(join(directory, "small"), sizes.small),
    medium: await fixture(join(directory, "medium"), sizes.medium),
    large: await fixture(join(directory, "large"), sizes.large),
  };
}

/** The SHA-256 of a file in hex, read as a stream. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
