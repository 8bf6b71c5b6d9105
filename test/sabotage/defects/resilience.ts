import type { Defect } from "../defect.ts";

const folder = "packages/client/src/resilience";
const row = "client";

const breaker = { row, file: `${folder}/circuit-breaker.ts` } as const;
const breakerTests = [`${folder}/circuit-breaker.test.ts`];
const retry = { row, file: `${folder}/retry.ts`, tests: [`${folder}/retry.test.ts`] } as const;
const batch = { row, tests: [`${folder}/batch.test.ts`] } as const;
const fallbackTests = [`${folder}/fallback.test.ts`];

/** What would multiply an outage, hide one, or hand out what is not the object. */
export const defectsOfResilience: readonly Defect[] = [
  {
    ...breaker,
    name: "a half-open breaker that lets everyone in",
    find: "return this.#probe === undefined || nowMs >= this.#probe.expiresAtMs;",
    replace: "return true;",
    tests: breakerTests,
  },
  {
    ...breaker,
    name: "a probe that never returns and keeps its place",
    find: "return this.#probe === undefined || nowMs >= this.#probe.expiresAtMs;",
    replace: "return this.#probe === undefined;",
    tests: breakerTests,
  },
  {
    ...breaker,
    name: "a breaker in which stragglers have a say",
    find: "    if (lease.generation !== this.#generation) return;\n",
    replace: "",
    tests: breakerTests,
  },
  {
    ...breaker,
    name: "a breaker that counts failures in a row alone",
    find: "return calls >= this.#rules.minimumCalls && failures >= calls * this.#rules.failureRate;",
    replace: "return calls < failures;",
    tests: breakerTests,
  },
  {
    row,
    name: "a breaker by the wall clock",
    file: `${folder}/breaker-rules.ts`,
    find: "now: options.now ?? (() => performance.now()),",
    replace: "now: options.now ?? Date.now,",
    tests: breakerTests,
  },
  {
    row,
    name: "a breaker that takes a network failure for nothing",
    file: `${folder}/breaker-verdict.ts`,
    find: 'return isNetworkError(error) ? "failure" : "neutral";',
    replace: 'return "neutral";',
    tests: breakerTests,
  },
  {
    row,
    name: "jitter of a tenth",
    file: `${folder}/backoff.ts`,
    find: "Math.floor(random() * Math.min(baseMs[kind] * 2 ** retries, capMs))",
    replace: "Math.floor((0.9 + random() / 10) * Math.min(baseMs[kind] * 2 ** retries, capMs))",
    tests: [`${folder}/backoff.test.ts`],
  },
  {
    row,
    name: "a retry budget without an end",
    file: `${folder}/retry-budget.ts`,
    find: "    this.#tokens -= cost[kind];\n",
    replace: "",
    tests: [`${folder}/retry-budget.test.ts`],
  },
  {
    row,
    name: "a wait that an abort leaves its timer running under",
    file: `${folder}/wait.ts`,
    find: 'signal?.addEventListener("abort", abort, { once: true });',
    replace: "",
    tests: [`${folder}/wait.test.ts`],
  },
  {
    ...retry,
    name: "a retry around the client that draws on no budget",
    find: "return budgetOf(error.endpoint).take(kindOf(error));",
    replace: "return true;",
  },
  {
    ...retry,
    name: "a retry of what may have happened and does harm twice",
    find: "(idempotent ?? isIdempotent(error.operation))",
    replace: "true",
  },
  {
    ...retry,
    name: "a Retry-After that is not heeded",
    find: "Math.max(own, Math.min(asked, maxDelay))",
    replace: "own",
  },
  {
    ...retry,
    name: "a wait that passes the deadline",
    find: " && performance.now() + delayMs < this.#endsAtMs",
    replace: "",
  },
  {
    ...batch,
    name: "a batch that runs one more at once",
    file: `${folder}/ordered-pool.ts`,
    find: "this.#running >= this.#limits.concurrency",
    replace: "this.#running > this.#limits.concurrency",
  },
  {
    ...batch,
    name: "a batch that reads its source ahead without bound",
    file: `${folder}/ordered-pool.ts`,
    find: " || this.#queue.length >= this.#limits.ahead",
    replace: "",
  },
  {
    ...batch,
    name: "an abort that a source which hangs keeps from ending the batch",
    file: `${folder}/ordered-pool.ts`,
    find: "while (this.#wantsMore() && source.isPulling)",
    replace: "while (source.isPulling)",
  },
  {
    row,
    name: "a fallback after any error",
    file: `${folder}/is-outage.ts`,
    find: 'if (breakerVerdict(error) === "failure") return true;',
    replace: "return true;",
    tests: fallbackTests,
  },
  {
    row,
    name: "a replica's 404 that hides the outage of the first source",
    file: `${folder}/first-source.ts`,
    find: "if (!outage && failures.length === 0) throw error;",
    replace: "if (!outage) throw error;",
    tests: fallbackTests,
  },
  {
    row,
    name: "a cache whose files are named by their keys",
    file: `${folder}/disk-cache.ts`,
    find: 'return createHash("sha256").update(name).digest("hex");',
    replace: 'return name.slice(0, 64) || createHash("sha256").digest("hex");',
    tests: fallbackTests,
  },
  {
    row,
    name: "a part of an object that is kept as the whole",
    file: `${folder}/fallback.ts`,
    find: "      await write.commit(summaryOf(object));\n    } finally {\n",
    replace: "    } finally {\n      await write.commit(summaryOf(object));\n",
    tests: fallbackTests,
  },
  {
    row,
    name: "an object from the cache whose bytes are not verified",
    file: `${folder}/cache-entry.ts`,
    find: 'if (hash.digest("hex") === sha256) return;',
    replace: "if (hash !== undefined && sha256 !== undefined) return;",
    tests: fallbackTests,
  },
  {
    row,
    name: "a cache without a bound on its bytes",
    file: `${folder}/disk-cache.ts`,
    find: "while (this.#bytes > this.#bytesMax) if (",
    replace: "while (false) if (",
    tests: fallbackTests,
  },
];
