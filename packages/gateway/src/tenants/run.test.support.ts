import { childText } from "@holdfast/protocol";
import { MemoryControl, testCredential } from "../access/memory-control.test.support.ts";
import type { Credential } from "../access/credential.ts";
import { Records } from "../records.test.support.ts";
import { documentOf, encodePath, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { requestOf, shownBy } from "./request.test.support.ts";
import { disbelief, mayDo } from "./rules.test.support.ts";
import { Shelf, type Result } from "./shelf.test.support.ts";
import {
  bucketNames,
  keys,
  stepOf,
  type Draft,
  type Kind,
  type Step,
} from "./step.test.support.ts";

/** What a run came to. */
export interface Outcome {
  readonly disagreements: readonly string[];
  readonly counts: { believed: number; denied: number; done: number; failed: number };
}

const hourMs = 3_600_000;
const disagreementsMax = 5;

/** What the control plane has in place of a credential. */
export type Deceive = (credential: Credential) => Credential;

interface Parts {
  readonly subject: Subject;
  readonly control: MemoryControl;
  readonly records: Records;
  readonly deceive: Deceive;
}

/** A gateway, and what should be there if it let everyone do what they may and nothing else. */
export class TenantsRun {
  readonly #parts: Parts;
  readonly #kinds: Kind[] = [];
  readonly #shelf = new Shelf();
  readonly #disagreements: string[] = [];
  readonly #counts = { believed: 0, denied: 0, done: 0, failed: 0 };
  #steps = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `deceive` shows that a gateway which gets a credential wrong is found out. */
  static async start(kinds: readonly Kind[], deceive: Deceive = (one) => one): Promise<TenantsRun> {
    const records = new Records();
    const control = new MemoryControl();
    const subject = await startSubject("documented", { control, log: records.log });
    const run = new TenantsRun({ subject, control, records, deceive });
    for (const [slot, kind] of kinds.entries()) run.#become(slot, kind);
    for (const name of bucketNames.filter((one) => !one.endsWith("gone"))) {
      await subject.engine.createBucket(name);
      run.#shelf.buckets.set(name, new Map());
      for (const key of keys) await run.#put(name, key);
    }
    return run;
  }

  async #put(bucket: string, key: string): Promise<void> {
    const body = `${key} of ${bucket}`;
    const target = `/${bucket}/${encodePath(key)}`;
    const as = testCredential("root", { grants: "all" });
    this.#parts.control.add(as);
    await this.#parts.records.of(
      await this.#parts.subject.send({ method: "PUT", target, body, as }),
    );
    this.#shelf.buckets.get(bucket)?.set(key, body);
  }

  #become(slot: number, kind: Kind): void {
    this.#kinds[slot] = kind;
    this.#parts.control.add(this.#parts.deceive(credentialOf(slot, kind)));
  }

  get outcome(): Outcome {
    return { disagreements: this.#disagreements, counts: this.#counts };
  }

  /** Sends one request, and holds its answer against what should be. */
  async take({ becomes, ...draft }: Draft): Promise<void> {
    this.#steps += 1;
    if (this.#disagreements.length >= disagreementsMax) return;
    if (becomes !== undefined) this.#become(draft.slot, becomes);
    const kind = this.#kinds[draft.slot];
    if (kind === undefined) throw new RangeError(`no slot ${draft.slot}`);
    const located = stepOf(draft, kind);
    const upload = this.#shelf.uploadOf(located);
    const own = draft.ownTarget && upload !== undefined;
    const step = own ? { ...located, bucket: upload.bucket, key: upload.key } : located;
    const body = `${this.#steps} by ${kind.tenant}`;
    const part = { id: upload?.id ?? "0".repeat(44), etag: upload?.part?.etag ?? "none" };
    const answer = await this.#parts.subject.send({
      ...requestOf(step, { body, upload: part }),
      ...presented(credentialOf(draft.slot, kind), step),
    });
    await this.#judge(answer, { step, kind, body });
  }

  async #judge(
    answer: Answer,
    { step, kind, body }: { readonly step: Step; readonly kind: Kind; readonly body: string },
  ): Promise<void> {
    const { code = "", reason = "" } = await this.#parts.records.of(answer);
    const refusal = disbelief(kind, step) ?? (mayDo(kind, step) ? undefined : "403 AccessDenied scope_violation"); // prettier-ignore
    if (refusal !== undefined) {
      this.#counts[refusal.endsWith("scope_violation") ? "denied" : "believed"] += 1;
      this.#compare(step, refusal, `${answer.status} ${code} ${reason}`);
      return;
    }
    const { hear, ...expected } = this.#shelf.do({ step, kind, body });
    this.#counts[expected.status < 300 ? "done" : "failed"] += 1;
    this.#compare(step, describe(expected), describe({ status: answer.status, code, ...shows(expected, step, answer) })); // prettier-ignore
    if (answer.status === 200) hear?.(newsOf(answer, step));
  }

  #compare(step: Step, expected: string, actual: string): void {
    if (expected === actual) return;
    const kind = this.#kinds[step.slot];
    this.#disagreements.push(`${JSON.stringify({ step, kind })}\n  expected ${expected}\n  but was ${actual}`); // prettier-ignore
  }

  /** Holds what is there against what should be, and takes the gateway away. */
  async close(): Promise<void> {
    for (const name of bucketNames) await this.#compareBucket(name);
    await this.#parts.subject.close();
  }

  async #compareBucket(name: string): Promise<void> {
    const { engine } = this.#parts.subject;
    const found: Record<string, string> = {};
    const expected = Object.fromEntries(this.#shelf.buckets.get(name) ?? []);
    if (this.#shelf.buckets.has(name)) {
      const options = { bucket: name, prefix: "", delimiter: "", after: "", limit: 1000 };
      for (const entry of (await engine.listObjects(options)).entries) {
        if (entry.type !== "object") continue;
        const object = await engine.openObject(name, entry.object.key);
        const pieces: Buffer[] = [];
        for await (const piece of object.read()) pieces.push(Buffer.from(piece));
        await object.close();
        found[entry.object.key] = Buffer.concat(pieces).toString();
      }
    }
    if (JSON.stringify(sorted(found)) === JSON.stringify(sorted(expected))) return;
    this.#disagreements.push(`at the end ${name} has ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`); // prettier-ignore
  }
}

function sorted(objects: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(objects).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function credentialOf(slot: number, kind: Kind): Credential {
  const { tenant, grants, isDisabled, isExpired, isTemporary } = kind;
  const id = `slot-${slot}`;
  return testCredential(id, {
    tenant,
    grants: grants.map(({ verbs, ...grant }) => ({ ...grant, verbs: new Set(verbs) })),
    disabled: isDisabled,
    expiresAt: Date.now() + (isExpired ? -1 : hourMs),
    ...(isTemporary && { sessionToken: `a token of ${id}` }),
  });
}

function presented(
  { accessKeyId, secretAccessKey, sessionToken }: Credential,
  step: Step,
): Partial<Ask> {
  const { manner, isPresigned } = step;
  const as = { accessKeyId, secretAccessKey, sessionToken };
  if (manner === "wrong-secret") as.secretAccessKey += "x";
  if (manner === "unknown-key") as.accessKeyId = "nobody";
  if (manner === "wrong-token") as.sessionToken = "a token of somebody else";
  if (manner === "no-token") as.sessionToken = undefined;
  const at = Date.now() - (manner === "late" ? hourMs : 0);
  return { as, at, ...(isPresigned && { expiresSeconds: 60 }) };
}

function describe({ status, code = "", shows: shown }: Result): string {
  return [`${status} ${code}`.trim(), ...(shown ?? [])].join(" | ");
}

function shows(expected: Result, step: Step, answer: Answer): Pick<Result, "shows"> {
  if (expected.shows === undefined || answer.status >= 300) return {};
  return { shows: shownBy(step, answer) };
}

function newsOf(
  answer: Answer,
  { deed }: Step,
): { readonly uploadId: string; readonly etag: string } {
  if (deed === "UploadPart") return { uploadId: "", etag: String(answer.headers.etag) };
  const document = documentOf(answer);
  return {
    uploadId: childText(document, "UploadId") ?? "",
    etag: childText(document, "ETag") ?? "",
  };
}
