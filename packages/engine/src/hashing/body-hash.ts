import { hash } from "node:crypto";
import { type ChecksumAlgorithm } from "@holdfast/protocol";
import { createChecksum } from "../checksums/create-checksum.ts";

/** What a body comes to: its MD5, hexadecimal, and the digest of the algorithm that was asked for. */
export interface BodyDigests {
  readonly md5: string;
  readonly checksum: Uint8Array;
}

/** A body being hashed, in pieces. */
export interface BodyHash {
  /** The piece must stay as it is until what this returns settles. */
  update(piece: Buffer): Promise<void> | void;
  /** Once, after the last update. */
  digest(): Promise<BodyDigests> | BodyDigests;
  /** Ends it without a digest; nothing happens when it has ended. */
  abandon(): void;
}

/** Hashes on the thread that calls. */
export function hashHere(algorithm: ChecksumAlgorithm): BodyHash {
  const md5 = createChecksum("MD5");
  const checksum = createChecksum(algorithm);
  return {
    update(piece) {
      md5.update(piece);
      checksum.update(piece);
    },
    digest: () => ({ md5: md5.digest().toString("hex"), checksum: checksum.digest() }),
    abandon() {},
  };
}

/** The same of a body that is here whole, on the thread that calls: a stream would cost twice as much. */
export function hashWhole(algorithm: ChecksumAlgorithm, body: Buffer): BodyDigests {
  const checksum = createChecksum(algorithm);
  checksum.update(body);
  return { md5: hash("md5", body, "hex"), checksum: checksum.digest() };
}
