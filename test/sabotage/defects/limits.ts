import type { Defect } from "../defect.ts";

const limits = "packages/gateway/src/limits";
const quota = "packages/gateway/src/quota";

/** What careless limits and quotas would let through, or count wrong. */
export const defectsOfLimits: readonly Defect[] = [
  {
    row: "gateway",
    name: "a full table of limits that forgets who has used up theirs",
    file: `${limits}/rate-limiter.ts`,
    find: "if (at > now) this.#shared[slot]",
    replace: "if (at > now + 1e12) this.#shared[slot]",
    tests: [`${limits}/rate-limiter.test.ts`],
  },
  {
    row: "gateway",
    name: "a limit of all that a credential over its own one drains",
    file: `${limits}/limits.ts`,
    find: "    refuseOverLimit(buckets, now);\n",
    replace:
      "    this.#all.take(everyone, requestsPerSecond ?? 1, now);\n    refuseOverLimit(buckets, now);\n",
    tests: [`${limits}/limits.test.ts`],
  },
  {
    row: "gateway",
    name: "the leftmost hop of X-Forwarded-For, which the client writes",
    file: `${limits}/trusted-proxies.ts`,
    find: "readHop(hops.pop())",
    replace: "readHop(hops.shift())",
    tests: [`${limits}/trusted-proxies.test.ts`],
  },
  {
    row: "gateway",
    name: "counts that wait for another process's lock and keep every request waiting",
    file: `${quota}/usage-database.ts`,
    find: "new Database(file, { timeout: 0 });\n      opened",
    replace: "new Database(file, { timeout: waitMs });\n      opened",
    tests: [`${quota}/waiting.test.ts`],
    only: "while another process has the lock",
  },
  {
    row: "gateway",
    name: "a deletion that gives away the room of an overwrite under way",
    file: `${quota}/ledger.ts`,
    find: "return others > 0 ? Math.max(held, counted) : held;",
    replace: "return held;",
    tests: [`${quota}/ledger.test.ts`],
  },
  {
    row: "gateway",
    name: "a look at an object that is believed though another writer overtook it",
    file: `${quota}/ledger.ts`,
    find: "return before === expected ? leaveAll",
    replace: 'return before !== "none" ? leaveAll',
    tests: [`${quota}/ledger.test.ts`],
  },
  {
    row: "gateway",
    name: "a quota that does not count what is set aside",
    file: `${quota}/ledger.ts`,
    find: "usedBytes + reservedBytes + bytes <= hardBytes",
    replace: "usedBytes + 0 * reservedBytes + bytes <= hardBytes",
    tests: [`${quota}/quota-on-the-wire.test.ts`],
  },
  {
    row: "gateway",
    name: "a recount that counts twice what is written meanwhile",
    file: `${quota}/recount.ts`,
    find: "if (!touched.has(key)) bytes += size;",
    replace: "bytes += size;",
    tests: [`${quota}/quotas.model.test.ts`],
  },
];
