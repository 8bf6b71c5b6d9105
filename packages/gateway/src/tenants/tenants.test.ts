import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Credential } from "../access/credential.ts";
import { TenantsRun, type Deceive, type Outcome } from "./run.test.support.ts";
import { drafts, kinds, slots } from "./step.test.support.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const count = Number(process.env["HOLDFAST_PROOF_OPERATIONS"] ?? 2000);

async function run(requests: number, deceive?: Deceive): Promise<Outcome> {
  const tenants = await TenantsRun.start(fc.sample(kinds, { numRuns: slots, seed }), deceive);
  for (const draft of fc.sample(drafts, { numRuns: requests, seed })) {
    await tenants.take(draft);
    if (tenants.outcome.disagreements.length > 0) break;
  }
  await tenants.close();
  return tenants.outcome;
}

test(`two tenants can do what they may and nothing else, whatever they try (HOLDFAST_SEED=${seed})`, async () => {
  const { disagreements, counts } = await run(count);
  const { believed, denied, done, failed } = counts;
  process.stdout.write(
    `${count} requests: ${believed} not believed, ${denied} denied, ${done} done, ${failed} failed, ${disagreements.length} disagreements\n`,
  );
  expect(disagreements).toEqual([]);
  expect(Math.min(believed, denied, done, failed)).toBeGreaterThan(count / 50);
}, 600_000);

const withGrants = (
  credential: Credential,
  edit: (grant: Exclude<Credential["grants"], "all">[number]) => object,
): Credential => {
  const { grants } = credential;
  if (grants === "all") return credential;
  return { ...credential, grants: grants.map((grant) => ({ ...grant, ...edit(grant) })) };
};

const wrongs: Readonly<Record<string, Deceive>> = {
  "forgets prefixes": (one) => withGrants(one, () => ({ prefix: "" })),
  "takes a grant for one on every bucket": (one) => withGrants(one, () => ({ bucket: "*" })),
  "takes read for list": (one) =>
    withGrants(one, ({ verbs }) => ({ verbs: verbs.has("read") ? new Set([...verbs, "list"]) : verbs })), // prettier-ignore
  "forgets that a credential is disabled": (one) => ({ ...one, disabled: false }),
  "forgets that a credential expires": (one) => ({ ...one, expiresAt: undefined }),
  "forgets session tokens": (one) => ({ ...one, sessionToken: undefined }),
};

test.each(Object.entries(wrongs))(
  `a gateway that %s is found out (HOLDFAST_SEED=${seed})`,
  async (_, deceive) => {
    const { disagreements } = await run(5000, deceive);
    expect(disagreements.length).toBeGreaterThan(0);
  },
  600_000,
);
