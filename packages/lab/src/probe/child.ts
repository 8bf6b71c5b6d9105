import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { digestOf, knownPieces } from "./known-bytes.ts";
import { loadSubject } from "./load-subject.ts";
import type { Order, PlainSettings, Word } from "./messages.ts";
import { tellError } from "./tell-error.ts";
import type { Action } from "./action.ts";
import type {
  ActionCall,
  ProbeCredentials,
  ReadySubject,
  Subject,
  SubjectSettings,
} from "./subject.ts";
import type { Told } from "./told.ts";

// The process of one subject: it does what it is told, so that whatever the subject does to its process is seen from
// another one.

let subject: Subject | undefined;
let ready: ReadySubject | undefined;

process.on("message", (order: Order) => void carryOut(order).then(say));
// Nobody is left to tell, whatever the subject still waits for.
process.on("disconnect", () => process.exit(0));
process.on("uncaughtException", (error) => {
  const { names, codes } = tellError(error);
  const word: Word = { says: "uncaught", name: codes[0] ?? names[0] ?? "throw" };
  process.send?.(word, () => process.exit(1));
});

function say(word: Word): void {
  process.send?.(word);
}

async function carryOut(order: Order): Promise<Word> {
  switch (order.do) {
    case "load":
      return load(order.subject);
    case "act":
      return { says: "told", told: await act(order.action, order.settings) };
    case "close":
      await ready?.close().catch(() => {});
      ready = undefined;
      return { says: "closed" };
  }
}

async function load(wanted: string): Promise<Word> {
  try {
    subject = await loadSubject(wanted);
    const { name, actions, uploadsInParts = true, startMs = 0 } = subject;
    const version = await subject.version();
    return { says: "loaded", card: { name, version, actions, uploadsInParts, startMs } };
  } catch (error) {
    return { says: "not loaded", reason: error instanceof Error ? error.message : "it throws" };
  }
}

async function act(action: Action, settings: PlainSettings): Promise<Told> {
  const secrets = settings.handedOut.flatMap(({ secretAccessKey, sessionToken }) =>
    sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken],
  );
  const credentials = withCredentials(settings);
  try {
    if (subject === undefined) throw new TypeError("no subject is loaded");
    ready = await subject.open(credentials.settings);
    const value = await ready.act(action, callOf(action));
    return { outcome: "value", value: await plain(action, value) };
  } catch (error) {
    if (isUnsupported(error)) return { outcome: "unsupported", reason: error.message };
    if (credentials.isRenewedInVain()) return neverAsked;
    return { outcome: "error", error: tellError(error, secrets) };
  }
}

const neverAsked: Told = {
  outcome: "unsupported",
  reason: "it is given credentials once, and asks for none",
};

interface HandedOut {
  readonly settings: SubjectSettings;
  /** Whether there are better credentials, and the subject has no way of asking for any. */
  isRenewedInVain(): boolean;
}

function withCredentials({ handedOut, ...settings }: PlainSettings): HandedOut {
  let asked = 0;
  const credentials = async (): Promise<ProbeCredentials> => {
    const given = handedOut[Math.min(asked, handedOut.length - 1)];
    asked += 1;
    return given ?? settings;
  };
  return {
    settings: { ...settings, credentials },
    isRenewedInVain: () => handedOut.length > 1 && asked === 0,
  };
}

function callOf(action: Action): ActionCall {
  const bytes = "bytes" in action ? action.bytes : 0;
  const failAt = "failAt" in action ? action.failAt : undefined;
  const abortMs = "abortMs" in action ? action.abortMs : undefined;
  return {
    source: () => sourceOf(bytes, failAt),
    bytes: () => Buffer.concat([...knownPieces(bytes)]),
    signal: abortMs === undefined ? new AbortController().signal : abortedAfter(abortMs),
  };
}

const failsAfterMs = 300;

async function* sourceOf(
  bytes: number,
  failAt: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of knownPieces(failAt ?? bytes)) {
    yield piece;
    await turn();
  }
  if (failAt !== undefined) {
    // What was given until then is on its way when it fails, whatever the machine does beside.
    await wait(failsAfterMs);
    throw Object.assign(new Error("the source's connection was reset"), { code: "ECONNRESET" });
  }
}

function abortedAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new CallerLeft("the caller left")), ms).unref();
  return controller.signal;
}

/** The reason of an abort, to be found again in what is told. */
class CallerLeft extends Error {
  override readonly name = "CallerLeft";
}

/** As it goes to another process; the bytes of a read as their digest. */
async function plain(action: Action, value: unknown): Promise<unknown> {
  if (!action.do.startsWith("get")) return value ?? null;
  if (value instanceof Uint8Array) return digestOf(once(value));
  return isIterable(value) ? digestOf(value) : value;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function isIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** By its code: a module of someone else's may have loaded this package a second time. */
function isUnsupported(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "UnsupportedByTheSubject";
}
