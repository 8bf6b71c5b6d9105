import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import { openNaiveSubject, openTalkativeSubject } from "./naive-subject.ts";
import { observe } from "./observe.ts";
import { answer, ScriptedServer } from "@holdfast/lab";
import { credentials } from "./situation.ts";
import { situations } from "./situations.ts";
import type { OpenSubject, SubjectSettings } from "./subject.ts";

/** In which respects a naive client must be told wrong, for the table to be worth anything. */
const known: Readonly<Record<string, readonly string[]>> = {
  "1": ["requestId"],
  "2": ["code", "codeInferred"],
  "3": ["code"],
  "4": ["secret"],
  "4/refreshed": ["outcome", "after"],
  "5": ["class"],
  "5b": ["gap"],
  "5b/told": ["retryAfter"],
  "6": ["outcome"],
  "6/head": ["outcome"],
  "8": ["outcome"],
  "9": ["outcome", "requests"],
  "9/each": ["requests", "attempts"],
  "10": ["code"],
  "10c/bomb": ["code"],
  "11": ["outcome", "requests"],
  "11b": ["outcome"],
  "11c": ["outcome"],
  "11d": ["value"],
  "11d/each": ["outcome"],
  "11e": ["outcome"],
  "11f": ["outcome"],
  "11f/comment": ["outcome"],
  "11f/white": ["outcome"],
  "12": ["outcome"],
  "12b": ["outcome"],
  "12b/weak": ["code", "retryable", "phase"],
  "12c": ["outcome"],
  "13": ["class", "requests"],
  "14": ["code", "phase"],
  "15": ["outcome"],
  "16": ["class", "cause", "unscripted"],
  "16/body": ["outcome"],
  "18": ["outcome"],
  "19": ["class"],
  "20": ["outcome"],
  "20/gone": ["ambiguous"],
  "21": ["outcome"],
  "22": ["value"],
  "23": ["after"],
};

/** What even a naive client gets right: the table must not fail whoever comes. */
const easy = ["1/bucket", "6/nowhere", "7", "17"];

const played = situations.filter(({ id }) => id in known);

test("a naive client is told wrong in all that is known to break one, each for its own reason", async () => {
  const hungMs = 8000;
  const seen = await Promise.all(
    played.map(async (situation) => {
      const told = judge(situation.expected, await observe(situation, openNaiveSubject, hungMs));
      const respects = new Set(told.map(({ respect }) => respect));
      return [situation.id, known[situation.id]?.filter((one) => respects.has(one))];
    }),
  );
  expect(Object.fromEntries(seen)).toEqual(known);
});

async function wrongsOf(id: string, open: OpenSubject): Promise<readonly unknown[]> {
  const situation = situations.find((one) => one.id === id);
  return situation === undefined ? [id] : judge(situation.expected, await observe(situation, open));
}

test.each(easy)("a naive client is told right where it is right: %s", async (id) => {
  expect(await wrongsOf(id, openNaiveSubject)).toEqual([]);
});

test("a naive client sends three requests for each call into a dead endpoint", async () => {
  const server = await ScriptedServer.start(() => answer({ status: 500 }));
  const subject = openNaiveSubject({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: async () => credentials,
    timeouts: { headersMs: 1000, idleMs: 1000 },
  });
  await Promise.allSettled(Array.from({ length: 300 }, () => subject.get("object")));
  expect(server.requests.length).toBe(900);
  await subject.close();
  await server.close();
});

test("a client that logs what it sends is told that it gives secrets away", async () => {
  expect(await wrongsOf("7", openTalkativeSubject)).toEqual([
    { respect: "secret", told: "session token" },
    { respect: "secret", told: "signature" },
  ]);
});

test("a client that leaves a connection open is told so", async () => {
  const subjects: { close(): Promise<void> }[] = [];
  const careless = (settings: SubjectSettings): ReturnType<OpenSubject> => {
    const subject = openNaiveSubject(settings);
    subjects.push(subject);
    return { ...subject, close: async () => undefined };
  };
  const wrongs = await wrongsOf("7", careless);
  for (const subject of subjects) await subject.close();
  expect(wrongs).toContainEqual({ respect: "handle", told: "connection" });
});

test("a client that leaves a timer running is told so", async () => {
  const timers: NodeJS.Timeout[] = [];
  const careless = (settings: SubjectSettings): ReturnType<OpenSubject> => {
    timers.push(setTimeout(() => undefined, 60_000));
    return openNaiveSubject(settings);
  };
  const wrongs = await wrongsOf("7", careless);
  for (const timer of timers) clearTimeout(timer);
  expect(wrongs).toContainEqual({ respect: "handle", told: "timer" });
});
