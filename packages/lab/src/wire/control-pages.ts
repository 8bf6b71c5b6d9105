import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import type { Fault } from "../faults/fault.ts";
import { FaultError } from "../faults/fault-error.ts";
import type { FaultSet } from "../faults/fault-set.ts";
import type { SeenRequest } from "../seen-request.ts";

/** What a lab shows and takes over HTTP, for whoever is not in its process. No bucket can have this name. */
export const controlPath = "/-/lab/";

/** A fault for the request that carries it, in the JSON of a fault. */
const faultHeader = "x-holdfast-fault";

interface Shown {
  readonly faults: FaultSet;
  readonly requests: readonly SeenRequest[];
  readonly reset: () => void;
  /** Further pages, by the last word of their path; what they are given is the body that was sent. */
  readonly pages: Readonly<Record<string, (body: unknown) => unknown>>;
}

const bodyBytesMax = 1024 * 1024;

/** Answers a request for one of the lab's own pages; never rejects. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  shown: Shown,
): Promise<void> {
  const said = await carryOut(request, shown).catch(refusal);
  const body = said.value === undefined ? "" : `${JSON.stringify(said.value)}\n`;
  const type = body === "" ? {} : { "content-type": "application/json" };
  response.writeHead(said.status, { ...type, "content-length": Buffer.byteLength(body) }).end(body);
}

interface Said {
  readonly status: number;
  readonly value?: unknown;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly shown: Shown;
  /** The word behind the page's name. */
  readonly id: string | undefined;
}

const pages: Readonly<Record<string, (asked: Asked) => Said | Promise<Said>>> = {
  "GET requests": ({ shown }) => ({ status: 200, value: shown.requests }),
  "GET faults": ({ shown }) => ({ status: 200, value: shown.faults.list() }),
  "POST faults": async ({ request, shown }) => {
    const faults = [await jsonOf(request)].flat();
    return { status: 201, value: { ids: faults.map((one) => shown.faults.add(asFault(one)).id) } };
  },
  "DELETE faults": ({ shown, id }) => ({ status: shown.faults.remove(Number(id)) ? 204 : 404 }),
  "POST reset": ({ shown }) => {
    shown.reset();
    return { status: 204 };
  },
};

async function carryOut(request: IncomingMessage, shown: Shown): Promise<Said> {
  const { method = "", url = "" } = request;
  const [name = "", id] = url.slice(controlPath.length).split("/");
  const page = `${method} ${name}`;
  if (Object.hasOwn(pages, page)) {
    return (await pages[page]?.({ request, shown, id })) ?? { status: 404 };
  }
  const further = Object.hasOwn(shown.pages, name) ? shown.pages[name] : undefined;
  if (further === undefined) return { status: 404, value: { error: `there is no ${page}` } };
  const value = await further(method === "POST" ? await jsonOf(request) : undefined);
  return value === undefined ? { status: 204 } : { status: 200, value };
}

/** `FaultSet.add` checks it: what comes over a wire is a fault only once it was. */
function asFault(value: unknown): Fault {
  return typeof value === "object" && value !== null ? value : {};
}

/** A page asks for what this lab cannot know or do. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}

function refusal(error: unknown): Said {
  if (error instanceof NotHere) return { status: 501, value: { error: error.message } };
  if (error instanceof FaultError || error instanceof SyntaxError || error instanceof v.ValiError) {
    return { status: 400, value: { error: error.message } };
  }
  return { status: 500, value: { error: String(error) } };
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += String(piece);
    if (text.length > bodyBytesMax) throw new SyntaxError("the body is longer than 1 MiB");
  }
  return JSON.parse(text);
}

/** The fault that a request brings along; undefined when it brings none. Throws for what is none. */
export function broughtFault(headers: IncomingMessage["headers"]): Fault | undefined {
  const text = headers[faultHeader];
  return text === undefined ? undefined : asFault(JSON.parse(String(text)));
}
