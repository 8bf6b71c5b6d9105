import { createHash } from "node:crypto";
import { createChecksum, type Computed } from "@holdfast/engine";
import { s3Error } from "@holdfast/protocol";
import { admit, type Digests } from "../body/digests.ts";
import type { Payload } from "../body/payload.ts";

/** Computes what a body's digests need, and nothing more; holds it against them at the end. */
class DigestCheck {
  readonly #digests: Digests;
  readonly #payload: Payload;
  readonly #md5: ReturnType<typeof createHash> | undefined;
  readonly #checksum: ReturnType<typeof createChecksum> | undefined;
  #size = 0;

  constructor(payload: Payload, digests: Digests) {
    const { md5, checksum, trailer, algorithm } = digests;
    const isSaid = checksum !== undefined || trailer !== undefined;
    this.#payload = payload;
    this.#digests = digests;
    this.#md5 = md5 === undefined ? undefined : createHash("md5");
    this.#checksum = isSaid && algorithm !== undefined ? createChecksum(algorithm) : undefined;
  }

  update(piece: Buffer): void {
    this.#size += piece.length;
    this.#md5?.update(piece);
    this.#checksum?.update(piece);
  }

  /** `IncompleteBody` for another size than was declared, `BadDigest`, `MalformedTrailerError`. */
  finish(): void {
    const { size, trailers } = this.#payload;
    if (this.#size !== size) throw s3Error("IncompleteBody");
    const { algorithm = "CRC32" } = this.#digests;
    const computed: Computed = {
      size,
      md5: this.#md5?.digest("hex") ?? "",
      checksum: {
        algorithm,
        value: this.#checksum?.digest().toString("base64") ?? "",
        type: "FULL_OBJECT",
      },
    };
    admit(this.#digests, computed, trailers);
  }
}

/**
 * The pieces of a body, each only when the next is there, and the last only when all of them were verified: without it an
 * upstream has less than was announced, and nothing that it could store. Throws what the verification does.
 */
export async function* verifiedBody(
  payload: Payload,
  digests: Digests,
): AsyncGenerator<Buffer, void, undefined> {
  const check = new DigestCheck(payload, digests);
  let held: Buffer | undefined;
  for await (const piece of payload.body) {
    check.update(piece);
    if (held !== undefined) yield held;
    held = piece;
  }
  check.finish();
  if (held !== undefined) yield held;
}

/** All of a body that is known to be small, verified. */
export async function gatherVerified(payload: Payload, digests: Digests): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of verifiedBody(payload, digests)) {
    // What is framed may be more than it declares, and is known not to be only at its end.
    length += piece.length;
    if (length > payload.size) throw s3Error("IncompleteBody");
    pieces.push(piece);
  }
  const [only = Buffer.alloc(0)] = pieces;
  return pieces.length > 1 ? Buffer.concat(pieces) : only;
}
