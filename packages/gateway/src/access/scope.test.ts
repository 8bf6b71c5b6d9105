import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Verb } from "@holdfast/protocol";
import type { Grant } from "./credential.ts";
import { grant, testCredential } from "./memory-control.test.support.ts";
import { Scope, scopeOf } from "./scope.ts";

const verbs: readonly Verb[] = ["read", "write", "list", "delete", "manage"];
const names = ["a", "b", "c"];
const keys = ["", "x", "x/", "x/y", "xy", "é", "😀/z"];

/** What a grant says, asked one by one and without preparation. */
function isGranted(
  grants: readonly Grant[],
  verb: Verb,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): boolean {
  return grants.some(
    (one) =>
      (one.bucket === "*" || one.bucket === bucket) &&
      one.verbs.has(verb) &&
      key.slice(0, one.prefix.length) === one.prefix,
  );
}

const anyGrant = fc.record({
  bucket: fc.constantFrom("*", ...names.slice(0, 2)),
  prefix: fc.constantFrom(...keys),
  verbs: fc.uniqueArray(fc.constantFrom(...verbs)).map((some): ReadonlySet<Verb> => new Set(some)),
});

test("a scope allows what some grant allows, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(anyGrant, { maxLength: 6 }), (grants) => {
      const scope = new Scope(grants);
      for (const bucket of names) {
        for (const verb of verbs) {
          for (const key of keys) {
            const expected = isGranted(grants, verb, { bucket, key });
            expect([bucket, verb, key, scope.allows(verb, bucket, key)]).toEqual([bucket, verb, key, expected]); // prettier-ignore
          }
          const some = grants.some((one) =>
            isGranted([{ ...one, prefix: "" }], verb, { bucket, key: "" }),
          );
          expect(scope.allowsSome(verb, bucket)).toBe(some);
        }
        const any = grants.some((one) => one.verbs.size > 0 && ["*", bucket].includes(one.bucket));
        expect(scope.knows(bucket)).toBe(any);
      }
    }),
    { numRuns: 500 },
  );
});

test("without a grant nothing is allowed, and nothing with a grant that has no verb", () => {
  for (const grants of [[], [grant("a", "")], [grant("*", "")]]) {
    const scope = new Scope(grants);
    expect(verbs.some((verb) => scope.allowsSome(verb, "a") || scope.allows(verb, "a", "x"))).toBe(
      false,
    );
    expect([scope.knows("a"), scope.buckets]).toEqual([false, []]);
  }
});

test("to manage a bucket takes a grant on all of it", () => {
  const scope = new Scope([grant("a", "x/", "manage"), grant("b", "", "manage")]);
  expect(scope.allows("manage", "a", "")).toBe(false);
  expect(scope.allows("manage", "b", "")).toBe(true);
});

test("a bucket's name in a grant is the whole name, and a star in it is no pattern", () => {
  const scope = new Scope([grant("abc", "", "read"), grant("x*", "", "read")]);
  expect(["ab", "abcd", "xy", "*", ""].filter((name) => scope.allows("read", name, "k"))).toEqual(
    [],
  );
});

test("the root may do everything everywhere", () => {
  const scope = scopeOf(testCredential("root", { grants: "all" }));
  expect(verbs.every((verb) => scope.allows(verb, "any", "any"))).toBe(true);
  expect(scope.buckets).toBeUndefined();
});

test("a credential's grants are worked out once, and those of its successor anew", () => {
  const old = testCredential("one", { grants: [grant("a", "", "read")] });
  expect(scopeOf(old)).toBe(scopeOf(old));
  expect(scopeOf({ ...old, grants: [] }).knows("a")).toBe(false);
});

test("a thousand decisions take less than a millisecond of processor time", () => {
  const credential = testCredential("few", {
    grants: [
      grant("a", "incoming/", "read", "write"),
      grant("a", "public/", "read"),
      grant("b", "", "list"),
      grant("*", "shared/", "read"),
    ],
  });
  const decide = (times: number): number => {
    let allowed = 0;
    for (let index = 0; index < times; index += 1) {
      const key = index % 2 === 0 ? "incoming/key" : "elsewhere/key";
      if (scopeOf(credential).allows("write", "a", key)) allowed += 1;
    }
    return allowed;
  };
  decide(10_000);
  const before = process.cpuUsage();
  expect(decide(100_000)).toBe(50_000);
  const { user, system } = process.cpuUsage(before);
  const perDecision = (user + system) / 100_000;
  process.stdout.write(`a decision takes ${(perDecision * 1000).toFixed(0)} ns\n`);
  expect(perDecision).toBeLessThan(1);
});
