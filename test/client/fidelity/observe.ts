import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import type { Observation } from "./judge.ts";
import { ScriptedServer } from "@holdfast/lab";
import { TimerWatch } from "./timer-watch.ts";
import { credentials, echoedToken, type Situation, type Stage } from "./situation.ts";
import type { OpenSubject } from "./subject.ts";

/** Short, so that a stall is found while someone watches; far longer than any answer on loopback takes. */
const timeouts = { headersMs: 1_500, idleMs: 1_500 };

/** Plays a situation to a client and tells all that was seen of it. Whoever needs longer than `hungMs` hangs. */
export async function observe(
  situation: Situation,
  open: OpenSubject,
  hungMs = 30_000,
): Promise<Observation> {
  const timers = new TimerWatch();
  const server = await ScriptedServer.start(situation.script());
  let asked = 0;
  const subject = open({
    endpoint: situation.endpoint ?? server.endpoint,
    region: "us-east-1",
    credentials: async () => situation.credentials?.(++asked) ?? credentials,
    timeouts,
  });
  const stage: Stage = { subject, server, credentialsAsked: () => asked };
  const started = performance.now();
  const outcome = await outcomeOf(situation, stage, hungMs);
  const elapsedMs = performance.now() - started;
  const after = situation.after?.(stage) ?? [];
  await subject.close();
  const handles = await leftOpen(timers, server);
  timers.stop();
  await server.close();
  const error = typeof outcome === "object" && "error" in outcome ? outcome.error : undefined;
  return {
    outcome,
    requests: server.requests.length,
    unscripted: server.unscripted,
    gaps: server.requests.slice(1).map(({ at }, i) => at - (server.requests[i]?.at ?? 0)),
    elapsedMs,
    told: subject.told,
    leaks: leaksIn([error, subject.told], server),
    handles,
    after,
  };
}

async function outcomeOf(
  situation: Situation,
  stage: Stage,
  hungMs: number,
): Promise<Observation["outcome"]> {
  const given = new AbortController();
  const hung = wait(hungMs, "hung" as const, { signal: given.signal }).catch(() => "hung" as const);
  const settled = situation.act(stage).then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: stage.subject.describe(error), error }),
  );
  const outcome = await Promise.race([settled, hung]);
  given.abort();
  return outcome;
}

/** Connections that the server still sees, and timers. The last packets and the last turns are given time. */
async function leftOpen(timers: TimerWatch, server: ScriptedServer): Promise<readonly string[]> {
  const deadline = performance.now() + 10_000;
  let left: readonly string[] = [];
  do {
    await turn();
    const connections = server.connections.filter(({ closed }) => !closed);
    left = [
      ...connections.map(() => "connection"),
      ...Array.from({ length: timers.running }, () => "timer"),
    ];
  } while (left.length > 0 && performance.now() < deadline);
  return left;
}

/** Names of the secrets that can be read in any way a log or a report would print these. */
function leaksIn(told: readonly unknown[], server: ScriptedServer): readonly string[] {
  const printed = told
    .flatMap((one) => [
      inspect(one, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null }),
      JSON.stringify(one) ?? "",
      one instanceof Error ? `${one.stack} ${String(one)}` : "",
    ])
    .join("\n");
  const secrets = new Map<string, string>([
    [credentials.secretAccessKey, "secret access key"],
    [credentials.sessionToken, "session token"],
    [echoedToken, "echoed token"],
    ...server.requests.map(({ headers }) => [signatureIn(headers), "signature"] as const),
  ]);
  secrets.delete("");
  return [...secrets].filter(([secret]) => printed.includes(secret)).map(([, name]) => name);
}

function signatureIn(headers: ReadonlyMap<string, string>): string {
  return /Signature=([0-9a-f]+)/.exec(headers.get("authorization") ?? "")?.[1] ?? "";
}
