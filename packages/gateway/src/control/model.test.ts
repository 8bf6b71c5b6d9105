import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Verb } from "@holdfast/protocol";
import type { Credential, Grant } from "../access/credential.ts";
import { ControlError } from "./control-error.ts";
import type { ControlPlane } from "./control-plane.ts";
import { PlaneFixture, testNow } from "./plane.test.support.ts";
import { verbs } from "./verbs.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const runs = 25;

interface Stored {
  readonly tenant: string;
  readonly parent: string | undefined;
  readonly disabled: boolean;
  readonly expiresAt: number | undefined;
  readonly grants: readonly Grant[];
}

/** What the control plane should be, said as shortly as can be. */
class Model {
  readonly tenants = new Map<string, { disabled: boolean }>();
  readonly credentials = new Map<string, Stored>();
  readonly attachments = new Map<string, string>();
  readonly quotas = new Map<string, number>();
  readonly anonymous = new Map<string, number>();

  usable(id: string): boolean {
    const { tenant, parent, disabled } = this.of(id);
    const one = !disabled && this.tenants.get(tenant)?.disabled === false;
    return one && (parent === undefined || this.usable(parent));
  }

  expiry(id: string): number {
    const { parent, expiresAt = Infinity } = this.of(id);
    return parent === undefined ? expiresAt : Math.min(expiresAt, this.expiry(parent));
  }

  allows(id: string, question: Question): boolean {
    const { parent, grants } = this.of(id);
    return allows(grants, question) && (parent === undefined || this.allows(parent, question));
  }

  delete(which: (id: string, stored: Stored) => boolean): void {
    for (const [id, stored] of this.credentials) if (which(id, stored)) this.credentials.delete(id);
    const orphans = ({ parent }: Stored): boolean =>
      parent !== undefined && !this.credentials.has(parent);
    for (const [id, stored] of this.credentials) if (orphans(stored)) this.credentials.delete(id);
  }

  of(id: string): Stored {
    const stored = this.credentials.get(id);
    if (stored === undefined) throw new Error(`the model has no ${id}`);
    return stored;
  }
}

interface Question {
  readonly bucket: string;
  readonly key: string;
  readonly verb: Verb;
}

function allows(grants: readonly Grant[], { bucket, key, verb }: Question): boolean {
  return grants.some(
    (grant) =>
      (grant.bucket === "*" || grant.bucket === bucket) &&
      key.startsWith(grant.prefix) &&
      grant.verbs.has(verb),
  );
}

const buckets = ["bucket-a", "bucket-b"];
const keys = ["", "a", "ab", "abc", "b"];
const questions = buckets.flatMap((bucket) =>
  keys.flatMap((key) => verbs.map((verb): Question => ({ bucket, key, verb }))),
);

const grantArbitrary = fc.record({
  bucket: fc.constantFrom("*", ...buckets),
  prefix: fc.constantFrom("", "a", "ab"),
  verbs: fc.subarray([...verbs], { minLength: 1 }),
});
const grantsArbitrary = fc.array(grantArbitrary, { minLength: 1, maxLength: 3 });
const expiryArbitrary = fc.option(fc.integer({ min: testNow - 1, max: testNow + 5 }), {
  nil: undefined,
});
const stepArbitrary = fc.record({
  what: fc.constantFrom(
    ...(["createTenant", "disableTenant", "enableTenant", "deleteTenant"] as const),
    ...(["create", "create", "create", "session", "session", "update", "update"] as const),
    ...(["delete", "attach", "detach", "quota", "noQuota", "anonymous", "noAnonymous"] as const),
  ),
  second: fc.boolean(),
  tenant: fc.constantFrom("acme", "bolt"),
  bucket: fc.constantFrom(...buckets),
  which: fc.nat(50),
  grants: grantsArbitrary,
  narrow: fc.option(grantsArbitrary, { nil: undefined }),
  expiresAt: expiryArbitrary,
  disabled: fc.option(fc.boolean(), { nil: undefined }),
  number: fc.integer({ min: 1, max: 9 }),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

const asGrants = (grants: Step["grants"]): Grant[] =>
  grants.map((grant) => ({ ...grant, verbs: new Set(grant.verbs) }));

/** What a step should answer, having been done to the model: `done`, or the code of a refusal. */
type Does = (model: Model, plane: ControlPlane, step: Step) => Promise<void>;

async function told(run: Promise<unknown>, expected: string): Promise<void> {
  const outcome = await run.then(
    () => "done",
    (error: unknown) => (error instanceof ControlError ? error.code : String(error)),
  );
  expect(outcome).toBe(expected);
}

function pick(model: Model, which: number): string {
  const ids = [...model.credentials.keys()];
  return ids[which % Math.max(ids.length, 1)] ?? "AKIANOBODY";
}

const does: Record<Step["what"], Does> = {
  createTenant: async (model, plane, { tenant }) => {
    const there = model.tenants.has(tenant);
    await told(plane.createTenant({ name: tenant }), there ? "already_exists" : "done");
    if (!there) model.tenants.set(tenant, { disabled: false });
  },
  disableTenant: async (model, plane, { tenant }) => {
    const there = model.tenants.has(tenant);
    await told(plane.disableTenant(tenant), there ? "done" : "no_such_tenant");
    if (there) model.tenants.set(tenant, { disabled: true });
  },
  enableTenant: async (model, plane, { tenant }) => {
    const there = model.tenants.has(tenant);
    await told(plane.enableTenant(tenant), there ? "done" : "no_such_tenant");
    if (there) model.tenants.set(tenant, { disabled: false });
  },
  deleteTenant: async (model, plane, { tenant }) => {
    await told(
      plane.deleteTenant(tenant),
      model.tenants.delete(tenant) ? "done" : "no_such_tenant",
    );
    model.delete((_, stored) => stored.tenant === tenant);
  },
  create: async (model, plane, { tenant, grants, expiresAt }) => {
    const making = plane.createCredential({ tenant, grants, expiresAt });
    if (expiresAt !== undefined && expiresAt <= testNow) return await told(making, "expiry_past");
    if (!model.tenants.has(tenant)) return await told(making, "no_such_tenant");
    const { accessKeyId } = (await making).credential;
    const stored = { tenant, parent: undefined, disabled: false, expiresAt };
    model.credentials.set(accessKeyId, { ...stored, grants: asGrants(grants) });
  },
  session: async (model, plane, { which, narrow, expiresAt = testNow + 3 }) => {
    const parent = pick(model, which);
    const making = plane.createSessionCredential({ parent, grants: narrow, expiresAt });
    const refusal = sessionRefusal(model, parent, { narrow, expiresAt });
    if (refusal !== undefined) return await told(making, refusal);
    const { accessKeyId } = (await making).credential;
    const { tenant, grants } = model.of(parent);
    const own = narrow === undefined ? grants : asGrants(narrow);
    model.credentials.set(accessKeyId, { tenant, parent, disabled: false, expiresAt, grants: own });
  },
  update: async (model, plane, { which, narrow, expiresAt, disabled }) => {
    const id = pick(model, which);
    const making = plane.updateCredential(id, { grants: narrow, expiresAt, disabled });
    const stored = model.credentials.get(id);
    if (expiresAt !== undefined && expiresAt <= testNow) return await told(making, "expiry_past");
    if (stored === undefined) return await told(making, "no_such_credential");
    const more = narrow !== undefined || expiresAt !== undefined;
    if (stored.parent !== undefined && more) return await told(making, "credential_is_temporary");
    await told(making, "done");
    model.credentials.set(id, {
      ...stored,
      ...(narrow === undefined ? {} : { grants: asGrants(narrow) }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(disabled === undefined ? {} : { disabled }),
    });
  },
  delete: async (model, plane, { which }) => {
    const wanted = pick(model, which);
    const there = model.credentials.has(wanted);
    await told(plane.deleteCredential(wanted), there ? "done" : "no_such_credential");
    model.delete((id) => id === wanted);
  },
  attach: async (model, plane, { bucket, number }) => {
    const remoteBucket = `remote-${number % 3}`;
    const attaching = plane.attachBucket({ bucket, upstream: "ceph", remoteBucket });
    const taken = [...model.attachments].some(
      ([one, remote]) => one !== bucket && remote === remoteBucket,
    );
    const there = model.attachments.get(bucket);
    if (there !== undefined && there !== remoteBucket && !taken) {
      return await told(attaching, "already_exists");
    }
    if (there !== undefined || taken) {
      await expect(attaching).rejects.toBeInstanceOf(ControlError);
      return;
    }
    await told(attaching, "done");
    model.attachments.set(bucket, remoteBucket);
  },
  detach: async (model, plane, { bucket }) => {
    const there = model.attachments.delete(bucket);
    await told(plane.detachBucket(bucket), there ? "done" : "no_such_setting");
    if (!there) return;
    model.quotas.delete(bucket);
    model.anonymous.delete(bucket);
  },
  quota: async (model, plane, { bucket, number }) => {
    await told(plane.setQuota({ bucket, hardBytes: number }), "done");
    model.quotas.set(bucket, number);
  },
  noQuota: async (model, plane, { bucket }) => {
    const there = model.quotas.delete(bucket);
    await told(plane.removeQuota(bucket), there ? "done" : "no_such_setting");
  },
  anonymous: async (model, plane, { bucket, number }) => {
    await told(plane.allowAnonymous({ bucket, requestsPerSecond: number }), "done");
    model.anonymous.set(bucket, number);
  },
  noAnonymous: async (model, plane, { bucket }) => {
    const there = model.anonymous.delete(bucket);
    await told(plane.denyAnonymous(bucket), there ? "done" : "no_such_setting");
  },
};

function sessionRefusal(
  model: Model,
  parent: string,
  { narrow, expiresAt }: Pick<Step, "expiresAt" | "narrow">,
): string | undefined {
  if (expiresAt !== undefined && expiresAt <= testNow) return "expiry_past";
  const stored = model.credentials.get(parent);
  if (stored === undefined) return "no_such_credential";
  if (stored.parent !== undefined) return "credential_is_temporary";
  if (!model.usable(parent)) return "parent_not_usable";
  if ((expiresAt ?? 0) > model.expiry(parent)) return "expiry_exceeds_parent";
  if (narrow === undefined) return undefined;
  // Each grant verb by verb must lie within one of the parent's, so it is asked of what the grant's own prefix names.
  const within = asGrants(narrow).every((grant) =>
    [...grant.verbs].every((verb) =>
      stored.grants.some(
        (one) =>
          (one.bucket === "*" || one.bucket === grant.bucket) &&
          grant.prefix.startsWith(one.prefix) &&
          one.verbs.has(verb),
      ),
    ),
  );
  return within ? undefined : "grants_exceed_parent";
}

function agrees(model: Model, plane: ControlPlane): void {
  plane.refresh();
  expect(plane.state()).toMatchObject({
    tenants: model.tenants.size,
    credentials: model.credentials.size,
    failure: undefined,
  });
  for (const id of model.credentials.keys()) agreesOn(id, model, plane.credential(id));
  for (const bucket of buckets) {
    expect(plane.attachment(bucket)?.remoteBucket).toBe(model.attachments.get(bucket));
    expect(plane.quota(bucket)?.hardBytes).toBe(model.quotas.get(bucket));
    expect(plane.anonymous(bucket)?.requestsPerSecond).toBe(model.anonymous.get(bucket));
  }
}

function agreesOn(id: string, model: Model, found: Credential | undefined): void {
  const expiry = model.expiry(id);
  expect(found?.disabled).toBe(!model.usable(id));
  expect(found?.expiresAt).toBe(expiry === Infinity ? undefined : expiry);
  const grants = found?.grants === "all" ? [] : (found?.grants ?? []);
  for (const question of questions) {
    expect(allows(grants, question)).toBe(model.allows(id, question));
  }
}

test(`any changes by two processes are what a model says, and a restart finds them (HOLDFAST_SEED=${seed})`, async () => {
  let steps = 0;
  const property = fc.asyncProperty(
    fc.array(stepArbitrary, { minLength: 20, maxLength: 60 }),
    async (some) => {
      const fixture = await PlaneFixture.make();
      try {
        const model = new Model();
        const [one, two] = [await fixture.open(), await fixture.open()];
        for (const step of some) {
          await does[step.what](model, step.second ? two : one, step);
          for (const plane of [one, two]) agrees(model, plane);
          steps += 1;
        }
        await fixture.close();
        agrees(model, await fixture.open());
      } finally {
        await fixture.remove();
      }
    },
  );
  await fc.assert(property, { seed, numRuns: runs });
  console.log(`${steps} changes by two connections agree with the model, seed ${seed}`);
});
