import {
  childrenNamed,
  childText,
  readXml,
  unquoteEtag,
  type XmlElement,
} from "@holdfast/protocol";
import type { S3Client, S3Reply } from "./s3-client.ts";
import { checkUploads } from "./surviving-uploads.ts";
import type { Violation } from "./violation.ts";
import type { KeyState, WriteLog } from "./write-log.ts";
import { objectBytes, objectEtag } from "./written-object.ts";

export type { Violation } from "./violation.ts";

const readers = 4;

interface Seen {
  readonly state: KeyState | undefined;
  readonly violations: readonly Violation[];
}

/** Compares everything that a store holds now with the client's log, and settles the log on it. */
export async function checkSurvivors(
  client: S3Client,
  log: WriteLog,
  options: { readonly bucket: string; readonly keys?: readonly string[] },
): Promise<Violation[]> {
  const { bucket, keys = log.keys() } = options;
  const violations: Violation[] = [];
  const listed = await listAll(client, bucket);
  const waiting = [...keys];
  const checkSome = async (): Promise<void> => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const reply = await client.send({ method: "GET", target: `/${bucket}/${key}` }).catch(String);
      const seen = look(key, reply, log.allowed(key));
      violations.push(...seen.violations, ...compareListing(key, seen.state, listed));
      if (seen.state !== undefined) log.observed(key, seen.state);
    }
  };
  await Promise.all(Array.from({ length: readers }, checkSome));
  violations.push(...(await checkUploads(client, log.uploads, bucket)));
  const known = new Set(log.keys());
  for (const key of listed.keys()) {
    if (!known.has(key)) violations.push({ kind: "unknown", key, detail: "was never written" });
  }
  return violations;
}

function look(key: string, reply: S3Reply | string, allowed: readonly KeyState[]): Seen {
  const fail = (kind: Violation["kind"], detail: string): Seen => ({
    state: undefined,
    violations: [{ kind, key, detail }],
  });
  if (typeof reply === "string") return fail("unreadable", reply);
  if (reply.status === 404) {
    if (allowed.includes("absent")) return { state: "absent", violations: [] };
    return fail("lost", `expected one of ${describe(allowed)}, found nothing`);
  }
  if (reply.status !== 200) return fail("unreadable", `status ${reply.status}`);
  const id = reply.headers["x-amz-meta-write"];
  const state = allowed.find((one) => one !== "absent" && one.id === id);
  if (state === undefined || state === "absent") {
    const wasDeleted = allowed.every((one) => one === "absent");
    const kind = wasDeleted ? "resurrected" : "lost";
    return fail(kind, `expected one of ${describe(allowed)}, found ${String(id)}`);
  }
  if (!reply.body.equals(objectBytes(state))) {
    return fail("torn", `${reply.body.length} bytes are not those of ${state.id}`);
  }
  const etag = objectEtag(state);
  if (reply.headers.etag !== `"${etag}"`) return fail("torn", `ETag ${reply.headers.etag ?? ""}`);
  return { state, violations: [] };
}

function compareListing(
  key: string,
  state: KeyState | undefined,
  listed: ReadonlyMap<string, { readonly etag: string; readonly size: number }>,
): Violation[] {
  if (state === undefined) return [];
  const entry = listed.get(key);
  if (state === "absent") {
    return entry === undefined ? [] : [{ kind: "listing", key, detail: "lists what GET denies" }];
  }
  const size = state.sizes.reduce((sum, part) => sum + part, 0);
  if (entry?.size === size && entry.etag === objectEtag(state)) return [];
  return [{ kind: "listing", key, detail: `lists ${JSON.stringify(entry)} for ${state.id}` }];
}

function describe(allowed: readonly KeyState[]): string {
  return allowed.map((state) => (state === "absent" ? "nothing" : state.id)).join(", ");
}

/** Every object of a bucket, page after page. */
async function listAll(
  client: S3Client,
  bucket: string,
): Promise<Map<string, { etag: string; size: number }>> {
  const found = new Map<string, { etag: string; size: number }>();
  let token: string | undefined;
  do {
    const more = token === undefined ? "" : `&continuation-token=${encodeURIComponent(token)}`;
    const target = `/${bucket}?list-type=2&max-keys=200${more}`;
    const { status, body } = await client.send({ method: "GET", target });
    if (status !== 200) throw new Error(`the listing answered ${status}: ${body.toString()}`);
    const page: XmlElement = readXml(body, { nodesMax: 10_000 });
    for (const entry of childrenNamed(page, "Contents")) {
      const etag = unquoteEtag(childText(entry, "ETag") ?? "");
      found.set(childText(entry, "Key") ?? "", { etag, size: Number(childText(entry, "Size")) });
    }
    token = childText(page, "NextContinuationToken");
  } while (token !== undefined);
  return found;
}
