import type { ScrubFinding, ScrubReport } from "./finding.ts";

const findingsMax = 1000;

/** What a scrub has read and found so far, in bounded memory. */
export class Tally {
  records = 0;
  blobs = 0;
  bytes = 0;
  damaged = 0;
  readonly #findings: ScrubFinding[] = [];

  add(finding: ScrubFinding): void {
    this.damaged += 1;
    if (this.#findings.length < findingsMax) this.#findings.push(finding);
  }

  report(): ScrubReport {
    const { records, blobs, bytes, damaged } = this;
    return { records, blobs, bytes, damaged, findings: this.#findings };
  }
}
