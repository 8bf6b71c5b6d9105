import {
  checksumHeader,
  createChecksum,
  type Checksum,
  type PortableChecksumAlgorithm,
  type ChecksumStream,
} from "@holdfast/protocol";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportResponse } from "../transport/transport.ts";

/** Those that a whole object may have, the cheapest to compute first. */
const verified: readonly PortableChecksumAlgorithm[] = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
];

/** The checksum that a service stated of the bytes that it sends, and that of those that came. */
export class ExpectedChecksum {
  readonly #algorithm: PortableChecksumAlgorithm;
  readonly #expected: string;
  readonly #actual: ChecksumStream;

  /**
   * Undefined where nothing is stated of the bytes as they come: a composite checksum is one of checksums, and what
   * is said beside a range is said of the whole object.
   */
  static of({ status, headers }: TransportResponse): ExpectedChecksum | undefined {
    if (status !== 200) return undefined;
    for (const algorithm of verified) {
      const value = headers[checksumHeader(algorithm)];
      if (value !== undefined && !value.includes("-"))
        return new ExpectedChecksum(algorithm, value);
    }
    return undefined;
  }

  /** The checksum that is stated of a whole object, where it is one that can be verified. */
  static stated(checksum: Checksum | undefined): ExpectedChecksum | undefined {
    if (checksum?.type !== "FULL_OBJECT") return undefined;
    const algorithm = verified.find((one) => one === checksum.algorithm);
    return algorithm && new ExpectedChecksum(algorithm, checksum.value);
  }

  constructor(algorithm: PortableChecksumAlgorithm, expected: string) {
    this.#algorithm = algorithm;
    this.#expected = expected;
    this.#actual = createChecksum(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#actual.update(bytes);
  }

  /** The failure that the bytes so far are, if they are to be all. */
  verify(): WireFailure | undefined {
    const actual = this.#actual.digest().toString("base64");
    if (actual === this.#expected) return undefined;
    return new WireFailure({
      code: "ChecksumMismatch",
      phase: "body",
      details: { Algorithm: this.#algorithm, Expected: this.#expected, Calculated: actual },
    });
  }
}
