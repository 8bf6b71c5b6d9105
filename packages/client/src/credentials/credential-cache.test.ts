import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CredentialCache } from "./credential-cache.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { WireFailure } from "../errors/wire-failure.ts";

const minute = 60_000;
const start = Date.parse("2026-01-01T00:00:00Z");

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** Credentials that last so many minutes from now; the id tells them apart. */
function lasting(minutes: number, accessKeyId: string): Credentials {
  const expiration = new Date(Date.now() + minutes * minute);
  return { accessKeyId, secretAccessKey: "s3cr3t", sessionToken: accessKeyId, expiration };
}

/** A provider whose n-th answer is made by the function, and how often it was asked. */
function counted(answer: (count: number) => Credentials | Promise<Credentials>): {
  readonly provider: CredentialProvider;
  readonly asked: (boolean | undefined)[];
} {
  const asked: (boolean | undefined)[] = [];
  const provider: CredentialProvider = async (options) => {
    asked.push(options?.forceRefresh);
    return answer(asked.length);
  };
  return { provider, asked };
}

/** An answer that the test gives when it likes. */
function deferred(): {
  readonly promise: Promise<Credentials>;
  readonly resolve: (found: Credentials) => void;
  readonly reject: (reason: Error) => void;
} {
  let resolve: (found: Credentials) => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<Credentials>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

const idOf = (credentials: Credentials | undefined): string | undefined => credentials?.accessKeyId;

/** Lets everything that is due right now happen. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("asking", () => {
  test("credentials that are given are there at once and for good", async () => {
    const cache = new CredentialCache({ accessKeyId: "A", secretAccessKey: "s3cr3t" });
    const held = cache.current;
    vi.setSystemTime(start + 1e12);
    expect(cache.current).toBe(held);
    expect(await cache.get()).toBe(held);
    expect([held?.accessKeyId, held?.secretAccessKey]).toEqual(["A", "s3cr3t"]);
  });

  test("a hundred callers share one question", async () => {
    const { provider, asked } = counted(() => lasting(60, "A"));
    const cache = new CredentialCache(provider);
    expect(cache.current).toBeUndefined();
    const got = await Promise.all(Array.from({ length: 100 }, () => cache.get()));
    expect(new Set(got).size).toBe(1);
    expect(asked).toEqual([undefined]);
    expect(cache.current).toBe(got[0]);
  });

  test("five minutes before they expire others are fetched, and the old ones serve meanwhile", async () => {
    const { provider, asked } = counted((count) => lasting(60, String(count)));
    const cache = new CredentialCache(provider);
    await cache.get();
    vi.setSystemTime(start + 55 * minute - 1);
    expect(idOf(cache.current)).toBe("1");
    vi.setSystemTime(start + 55 * minute);
    expect(cache.current).toBeUndefined();
    expect((await Promise.all([cache.get(), cache.get()])).map(idOf)).toEqual(["1", "1"]);
    await settle();
    expect(idOf(cache.current)).toBe("2");
    expect(asked).toHaveLength(2);
  });

  test("while others cannot be fetched the old ones serve until they expire, and then the failure shows", async () => {
    const failure = new Error("down");
    const { provider, asked } = counted((count) => {
      if (count > 1) throw failure;
      return lasting(60, "A");
    });
    const cache = new CredentialCache(provider);
    await cache.get();
    for (let at = 55 * minute; at < 60 * minute; at += 1000) {
      vi.setSystemTime(start + at);
      expect(idOf(cache.current ?? (await cache.get()))).toBe("A");
      await settle();
    }
    expect(asked).toHaveLength(1 + 300 / 10);
    vi.setSystemTime(start + 60 * minute);
    expect(cache.current).toBeUndefined();
    const { fields } = await failureOf(cache.get());
    expect(fields).toMatchObject({ code: "CredentialsUnavailable", cause: failure });
  });

  test("a failure of the provider is told to each who waits, and the next one asks again", async () => {
    const { provider, asked } = counted((count) => {
      if (count === 1) throw new WireFailure({ code: "InvalidConfiguration" });
      return lasting(60, "A");
    });
    const cache = new CredentialCache(provider);
    const both = await Promise.all([failureOf(cache.get()), failureOf(cache.get())]);
    expect(both.map(({ fields }) => fields.code)).toEqual([
      "InvalidConfiguration",
      "InvalidConfiguration",
    ]);
    expect(idOf(await cache.get())).toBe("A");
    expect(asked).toHaveLength(2);
  });

  test("credentials that last only a moment are fetched no more than every ten seconds", async () => {
    const { provider, asked } = counted((count) => lasting(2, String(count)));
    const cache = new CredentialCache(provider);
    for (let second = 0; second < 60; second += 1) {
      vi.setSystemTime(start + second * 1000);
      await cache.get();
      await settle();
    }
    expect(asked).toHaveLength(6);
  });

  test("credentials that have expired already are refused, by the clock that is given", async () => {
    const { provider } = counted(() => lasting(-1, "A"));
    const failure = await failureOf(new CredentialCache(provider).get());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(failure.message).toContain("2025-12-31T23:59:00.000Z");
    const corrected = new CredentialCache(provider, { now: () => Date.now() - 10 * minute });
    expect(idOf(await corrected.get())).toBe("A");
  });

  test("a provider that never answers is given up after a minute, and asked again by the next", async () => {
    const { provider, asked } = counted((count) =>
      count === 1 ? new Promise(() => undefined) : lasting(60, "A"),
    );
    const cache = new CredentialCache(provider);
    const failure = failureOf(cache.get());
    await vi.advanceTimersByTimeAsync(minute);
    expect((await failure).fields.code).toBe("CredentialsUnavailable");
    expect(idOf(await cache.get())).toBe("A");
    expect([asked.length, vi.getTimerCount()]).toEqual([2, 0]);
  });
});

test("a cache that is closed ends every wait at once, leaves no timer, and asks no more", async () => {
  const { provider, asked } = counted(() => new Promise(() => undefined));
  const cache = new CredentialCache(provider);
  const waiting = [failureOf(cache.get()), failureOf(cache.get(new AbortController().signal))];
  cache.close();
  for (const failure of [...waiting, failureOf(cache.get())]) {
    expect((await failure).fields.code).toBe("Aborted");
  }
  expect([asked.length, vi.getTimerCount()]).toEqual([1, 0]);
});

describe("a caller who stops waiting", () => {
  test("gets its signal's reason; the question goes on for the others, and no listener stays", async () => {
    const { promise, resolve } = deferred();
    const { provider, asked } = counted(() => promise);
    const cache = new CredentialCache(provider);
    const [one, other] = [new AbortController(), new AbortController()];
    const gone = failureOf(cache.get(one.signal));
    const stays = cache.get(other.signal);
    const reason = new Error("enough");
    one.abort(reason);
    expect((await gone).fields).toMatchObject({ code: "Aborted", cause: reason });
    resolve(lasting(60, "A"));
    expect(idOf(await stays)).toBe("A");
    expect(asked).toHaveLength(1);
    expect(getEventListeners(one.signal, "abort")).toHaveLength(0);
    expect(getEventListeners(other.signal, "abort")).toHaveLength(0);
  });

  test("leaves no unhandled rejection behind when it was the only one", async () => {
    const { promise, reject } = deferred();
    const cache = new CredentialCache(() => promise);
    const failure = await failureOf(cache.get(AbortSignal.abort("gone")));
    expect(failure.fields).toMatchObject({ code: "Aborted", cause: "gone" });
    reject(new Error("late"));
    // The run fails on an unhandled rejection.
    await settle();
  });
});

describe("credentials that the service refused", () => {
  test("fifty callers who come with the same ones force one question, also those who come late", async () => {
    const { provider, asked } = counted((count) => lasting(60, String(count)));
    const cache = new CredentialCache(provider);
    const refused = await cache.get();
    const got = await Promise.all(Array.from({ length: 50 }, () => cache.replace(refused)));
    vi.advanceTimersByTime(5 * minute);
    got.push(await cache.replace(refused));
    expect(new Set(got.map(idOf))).toEqual(new Set(["2"]));
    expect(asked).toEqual([undefined, true]);
    expect(cache.current).toBe(got[0]);
  });

  test("that holds for providers that have nothing else to give", async () => {
    const { provider, asked } = counted(() => lasting(60, "A"));
    const cache = new CredentialCache(provider);
    const refused = await cache.get();
    for (let caller = 0; caller < 50; caller += 1) {
      await cache.replace(refused);
      vi.advanceTimersByTime(100);
    }
    expect(asked).toEqual([undefined, true]);
  });

  test("are replaced again when the service refuses the new ones later", async () => {
    const { provider, asked } = counted((count) => lasting(60, String(count)));
    const cache = new CredentialCache(provider);
    const second = await cache.replace(await cache.get());
    vi.advanceTimersByTime(1000);
    expect(idOf(await cache.replace(second))).toBe("3");
    expect(asked).toEqual([undefined, true, true]);
  });

  test("a question that is under way already is enough if it brings others, and not if it does not", async () => {
    for (const [brings, questions] of [
      ["B", [undefined, undefined]],
      ["A", [undefined, undefined, true]],
    ] as const) {
      const { promise, resolve } = deferred();
      const { provider, asked } = counted((count) => (count === 2 ? promise : lasting(60, "A")));
      const cache = new CredentialCache(provider);
      const refused = await cache.get();
      vi.setSystemTime(Date.now() + 56 * minute);
      await cache.get();
      const replacing = [cache.replace(refused), cache.replace(refused)];
      await settle();
      resolve(lasting(60, brings));
      expect((await Promise.all(replacing)).map(idOf)).toEqual([brings, brings]);
      expect(asked).toEqual(questions);
    }
  });

  test("when there are no others the failure shows, and a second later they are asked for again", async () => {
    const { provider, asked } = counted((count) => {
      if (count === 2) throw new Error("down");
      return lasting(60, String(count));
    });
    const cache = new CredentialCache(provider);
    const refused = await cache.get();
    const failures = Array.from({ length: 50 }, () => failureOf(cache.replace(refused)));
    const codes = (await Promise.all(failures)).map(({ fields }) => fields.code);
    expect(new Set(codes)).toEqual(new Set(["CredentialsUnavailable"]));
    expect(await cache.replace(refused)).toBe(refused);
    expect(asked).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(idOf(await cache.replace(refused))).toBe("3");
  });
});

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

test(`whatever happens, what is handed out holds and no two questions overlap (HOLDFAST_SEED=${seed})`, async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
    fc.record({ kind: fc.constantFrom("get" as const, "refuse" as const) }),
  );
  const plan = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    lives: fc.infiniteStream(fc.constantFrom(-1, 0, 1, 6, 60)),
    takesMs: fc.integer({ min: 0, max: 20_000 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, lives, takesMs }) => {
      let [open, most, count] = [0, 0, 0];
      const cache = new CredentialCache(async () => {
        most = Math.max(most, (open += 1));
        await new Promise((resolve) => void setTimeout(resolve, takesMs));
        open -= 1;
        const { value } = lives.next();
        if (value === 0) throw new Error("down");
        return lasting(value, String((count += 1)));
      });
      const holds = ({ expiration }: Credentials): boolean =>
        expiration === undefined || expiration.getTime() > Date.now();
      const results: Promise<boolean | undefined>[] = [];
      let last: Credentials | undefined;
      for (const one of steps) {
        if (one.kind === "pass") await vi.advanceTimersByTimeAsync(one.ms);
        else {
          const asked =
            one.kind === "get" || last === undefined ? cache.get() : cache.replace(last);
          results.push(
            asked.then(
              (got) => holds((last = got)),
              () => undefined,
            ),
          );
        }
        expect(cache.current === undefined || holds(cache.current)).toBe(true);
      }
      await vi.advanceTimersByTimeAsync(100_000);
      expect(await Promise.all(results)).not.toContain(false);
      expect(most).toBeLessThanOrEqual(1);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { seed },
  );
});

test("a provider that takes no argument or any, such as one of AWS SDK v3, is a provider", () => {
  type AwsProvider = (properties?: Record<string, unknown>) => Promise<{
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
    expiration?: Date;
    accountId?: string;
  }>;
  const aws: AwsProvider = () => Promise.reject(new Error("unused"));
  const bare = (): Promise<Credentials> => Promise.reject(new Error("unused"));
  expect([new CredentialCache(aws), new CredentialCache(bare)]).toHaveLength(2);
});
