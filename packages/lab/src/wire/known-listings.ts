import { renderResult } from "@holdfast/protocol";
import type { SeenRequest } from "../seen-request.ts";
import type { CraftedAnswer } from "./crafted-answer.ts";

const listings: ReadonlySet<string> = new Set(["ListObjects", "ListObjectsV2"]);
const listingsMax = 1000;

/** What listings said when they were last asked for. */
export class KnownListings {
  readonly #answers = new Map<string, CraftedAnswer>();

  /** Whether its answer has to be kept. */
  wants({ operation }: SeenRequest): boolean {
    return listings.has(operation);
  }

  keep({ target }: SeenRequest, answer: CraftedAnswer): void {
    this.#answers.delete(target);
    this.#answers.set(target, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > listingsMax && oldest !== undefined) this.#answers.delete(oldest);
  }

  /** What the request was answered before; nothing was there if it was never asked. */
  before({ target, bucket }: SeenRequest): CraftedAnswer {
    const known = this.#answers.get(target);
    if (known !== undefined) return known;
    const empty = renderResult("ListBucketResult", [
      ["Name", bucket],
      ["Prefix", new URL(target, "http://lab").searchParams.get("prefix") ?? ""],
      ["KeyCount", 0],
      ["MaxKeys", 1000],
      ["IsTruncated", false],
    ]);
    return {
      status: 200,
      headers: { "content-type": "application/xml" },
      body: Buffer.from(empty),
    };
  }
}
