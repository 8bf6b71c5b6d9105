import { s3Error, S3Error } from "@holdfast/protocol";
import { expect, test } from "vitest";
import type { CredentialLimits, Principal } from "../access/credential.ts";
import { Limits, type RequestLimits } from "./limits.ts";

function someone(accessKeyId: string, limits: CredentialLimits): Principal {
  const credential = { accessKeyId, secretAccessKey: "s", tenant: "acme", disabled: false, limits };
  return { kind: "credential", credential: { ...credential, grants: [] } };
}

const anonymous: Principal = { kind: "anonymous" };

interface Clock {
  ms: number;
}

function start(limits: RequestLimits): { readonly limits: Limits; readonly clock: Clock } {
  const clock = { ms: 5000 };
  return { clock, limits: new Limits(limits, () => clock.ms) };
}

/** What a request came to: its refusal's reason, and when it may come again. */
function asking(ask: () => unknown): string {
  try {
    ask();
    return "admitted";
  } catch (error) {
    if (!S3Error.is(error) || error.code !== "SlowDown") throw error;
    return `${error.reason} ${error.headers["retry-after"]}`;
  }
}

test("a credential over its own limit takes nothing of what all share", () => {
  const { limits } = start({ requestsPerSecond: 4 });
  const greedy = someone("greedy", { requestsPerSecond: 2 });
  const seen = Array.from({ length: 100 }, () =>
    asking(() => limits.admit({ principal: greedy, address: "192.0.2.1" })),
  );
  expect(seen.filter((one) => one === "admitted")).toHaveLength(2);
  expect(new Set(seen.slice(2))).toEqual(new Set(["rate_limited_credential 1"]));
  const other = someone("other", {});
  const left = Array.from({ length: 3 }, () =>
    asking(() => limits.admit({ principal: other, address: "192.0.2.2" })),
  );
  expect(left).toEqual(["admitted", "admitted", "rate_limited_global 1"]);
});

test("what each credential may ask holds for those that have no limit of their own, limit by limit, and not for the root", () => {
  const { limits } = start({ credentialRequestsPerSecond: 2, credentialConcurrency: 3 });
  const admitted = (principal: Principal): number => {
    const all = Array.from({ length: 10 }, () =>
      asking(() => limits.admit({ principal, address: "192.0.2.1" })),
    );
    return all.filter((one) => one === "admitted").length;
  };
  expect(admitted(someone("without", {}))).toBe(2);
  expect(admitted(someone("another", {}))).toBe(2);
  expect(admitted(someone("faster", { requestsPerSecond: 9 }))).toBe(3);
  expect(admitted(someone("wider", { requestsPerSecond: 9, concurrency: 7 }))).toBe(7);
  expect(admitted(someone("slower", { requestsPerSecond: 1 }))).toBe(1);
  const root = {
    accessKeyId: "root",
    secretAccessKey: "s",
    grants: "all",
    disabled: false,
  } as const;
  expect(admitted({ kind: "credential", credential: root })).toBe(10);
  expect(admitted(anonymous)).toBe(10);
});

test("an address over its limit takes nothing from its credential, whatever host of its network asks", () => {
  const { limits, clock } = start({ addressRequestsPerSecond: 1 });
  const principal = someone("one", { requestsPerSecond: 3 });
  const from = (address: string): string => asking(() => limits.admit({ principal, address }));
  expect(from("2001:db8::1")).toBe("admitted");
  for (let host = 2; host < 20; host += 1) {
    expect(from(`2001:db8::${host}`)).toBe("rate_limited_address 1");
  }
  expect(from("2001:db8:0:1::1")).toBe("admitted");
  expect(from("192.0.2.1")).toBe("admitted");
  expect(from("192.0.2.2")).toBe("rate_limited_credential 1");
  clock.ms += 1000;
  expect(from("2001:db8::99")).toBe("admitted");
});

test("a wait is told in whole seconds that suffice", () => {
  const { limits, clock } = start({ requestsPerSecond: 0.3 });
  const ask = (): string => asking(() => limits.admit({ principal: anonymous, address: "a" }));
  expect([ask(), ask()]).toEqual(["admitted", "rate_limited_global 4"]);
  clock.ms += 3000;
  expect(ask()).toBe("rate_limited_global 1");
  clock.ms += 1000;
  expect(ask()).toBe("admitted");
});

test("alternating between anonymous buckets of other rates gives nobody a token back", () => {
  const { limits, clock } = start({});
  const ask = (bucket: string, rate: number): number | undefined =>
    limits.takeAnonymous(bucket, "192.0.2.1", rate);
  const through = { slow: 0, fast: 0 };
  for (let round = 0; round < 200; round += 1) {
    if (ask("slow", 2) === undefined) through.slow += 1;
    if (ask("fast", 5) === undefined) through.fast += 1;
  }
  expect(through).toEqual({ slow: 2, fast: 5 });
  expect(ask("slow", 2)).toBe(1);
  expect(limits.takeAnonymous("slow", "192.0.2.2", 2)).toBeUndefined();
  clock.ms += 500;
  expect(ask("slow", 2)).toBeUndefined();
  expect(ask("slow", 2)).toBe(1);
});

test("an address that fails to say who it is waits before anyone looks, and nobody else does", () => {
  const { limits, clock } = start({ addressFailuresPerSecond: 3 });
  for (let failure = 0; failure < 3; failure += 1) {
    expect(asking(() => limits.refuseFailing("192.0.2.1"))).toBe("admitted");
    limits.countFailure("192.0.2.1");
  }
  expect(asking(() => limits.refuseFailing("192.0.2.1"))).toBe("rate_limited_failures 1");
  expect(asking(() => limits.refuseFailing("192.0.2.2"))).toBe("admitted");
  clock.ms += 1000;
  expect(asking(() => limits.refuseFailing("192.0.2.1"))).toBe("admitted");
});

test("a place among the requests under way is free again however often it is let go of, and only once", () => {
  const { limits } = start({});
  const principal = someone("one", { concurrency: 2 });
  const enter = () => limits.admit({ principal, address: "a" });
  const first = enter();
  enter();
  expect(asking(enter)).toBe("concurrency 1");
  first();
  first();
  enter();
  expect(asking(enter)).toBe("concurrency 1");
  expect(asking(() => limits.admit({ principal: someone("two", { concurrency: 1 }), address: "a" }))).toBe("admitted"); // prettier-ignore
});

test("a request that finds no place takes no token", () => {
  const { limits } = start({ requestsPerSecond: 2 });
  const busy = someone("busy", { concurrency: 1 });
  limits.admit({ principal: busy, address: "a" });
  for (let time = 0; time < 10; time += 1) {
    expect(asking(() => limits.admit({ principal: busy, address: "a" }))).toBe("concurrency 1");
  }
  expect(asking(() => limits.admit({ principal: anonymous, address: "a" }))).toBe("admitted");
});

test("what a limit refuses has the status of the profile", () => {
  const error = s3Error("SlowDown");
  expect([error.status, error.awsStatus]).toEqual([429, 503]);
});
