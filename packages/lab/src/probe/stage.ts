import { S3Error, type SigningCredentials } from "@holdfast/protocol";
import type { Engine } from "@holdfast/engine";
import type { SeenRequest } from "../seen-request.ts";
import { openLab, type Lab, type LabCredential } from "../start-lab.ts";
import type { Action, ActionName } from "./action.ts";
import { digestOf, knownDigest, knownPieces } from "./known-bytes.ts";
import type { PlainSettings } from "./messages.ts";
import type { Caller, Scenario } from "./scenario.ts";
import type { ProbeCredentials } from "./subject.ts";

const bucket = "probe";
const region = "us-east-1";
/** The longest that a subject may wait for a byte: far below what a scenario gives it, and far above a busy machine's. */
const timeoutMsDefault = 900;
/** What a subject does once it has told of a failure, such as to take back its parts, is done after so long. */
const tidyMs = 1000;

const token = "a-token-of-a-session-which-is-no-secret";
const session = (id: string): LabCredential => ({
  accessKeyId: id,
  secretAccessKey: `the secret of ${id}, which is no secret`,
  sessionToken: token,
  may: "all",
});
const forbidden: LabCredential = {
  accessKeyId: "AKIAFORBIDDENFORBIDD",
  secretAccessKey: "the secret of who may do nothing",
  may: "nothing",
};
const expired: LabCredential = { ...session("ASIAEXPIREDEXPIREDEX"), expiresAt: 1 };
const renewed: LabCredential = session("ASIARENEWEDRENEWEDRE");

/** What there is once a subject has acted. */
export interface World {
  /** Of the objects that the target speaks of. */
  readonly stored: Readonly<Record<string, StoredObject | undefined>>;
  readonly openUploads: number;
  /** Whether the server was asked anything at all. */
  readonly isAsked: boolean;
  /** Those of the action's operations. */
  readonly requests: readonly SeenRequest[];
  /** 0 is for a caller who was refused nothing. */
  readonly unfired: readonly number[];
}

export interface StoredObject {
  readonly bytes: number;
  /** Whether they are those that were given. */
  readonly isWhole: boolean;
}

interface Parts {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly elsewhere: string | undefined;
}

/** A lab on which one scenario is played once. */
export class Stage implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #lab: Lab;
  readonly #engine: Engine;
  /** Where the subject looks instead. */
  readonly #elsewhere: string | undefined;

  private constructor(scenario: Scenario, parts: Parts) {
    this.#scenario = scenario;
    this.#lab = parts.lab;
    this.#engine = parts.engine;
    this.#elsewhere = parts.elsewhere;
  }

  /** Starts a lab and arranges what the scenario has there be. */
  static async set(scenario: Scenario, seed: number): Promise<Stage> {
    const { objects = {}, faults = [], region: here = region, skewMs } = scenario.arranged;
    const others = [forbidden, expired, renewed];
    const { lab, engine } = await openLab({
      seed,
      region: here,
      buckets: [bucket],
      faults,
      others,
      statusProfile: "aws",
    });
    try {
      await putAll(engine, Object.entries(objects));
      if (skewMs !== undefined) lab.skew(skewMs);
      const { server } = scenario.arranged;
      const elsewhere = server === undefined ? undefined : elsewhereOf[server];
      return new Stage(scenario, { lab, engine, elsewhere });
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** What the subject is set up with. */
  get settings(): PlainSettings {
    const { caller = "root", noBucket, timeoutMs = timeoutMsDefault } = this.#scenario.arranged;
    const handedOut = this.#credentialsOf(caller);
    const [first = this.#lab.credentials] = handedOut;
    return {
      endpoint: this.#elsewhere ?? this.#lab.endpoint,
      region,
      bucket: noBucket === true ? "no-such-bucket" : bucket,
      ...plain(first),
      handedOut: handedOut.map(plain),
      timeoutMs,
    };
  }

  #credentialsOf(caller: Caller): readonly SigningCredentials[] {
    const root = this.#lab.credentials;
    switch (caller) {
      case "root":
        return [root];
      case "forbidden":
        return [forbidden];
      case "unknown-access-key":
        return [{ ...root, accessKeyId: "AKIANOBODYNOBODYNOBO" }];
      case "wrong-secret":
        return [{ ...root, secretAccessKey: "not the secret of this access key" }];
      case "expired-token":
        return [expired];
      case "expired-then-renewed":
        return [expired, renewed];
    }
  }

  /** Looks at what there is. Uploads that are over the mark may be on their way to be aborted, and get the time for it. */
  async look(patience: number): Promise<World> {
    const { target, action } = this.#scenario;
    const allowed = target.openUploads ?? 0;
    const until = performance.now() + tidyMs * patience;
    let { uploads } = await this.#lab.leftovers();
    while (uploads.length > allowed && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ uploads } = await this.#lab.leftovers());
    }
    const stored: Record<string, StoredObject | undefined> = {};
    for (const key of Object.keys(target.stored ?? {})) stored[key] = await this.#stored(key);
    const names = operationsOf[action.do];
    return {
      stored,
      openUploads: uploads.length,
      isAsked: this.#lab.requests.length > 0,
      requests: this.#lab.requests.filter(({ operation }) => names.includes(operation)),
      unfired: this.#unfired,
    };
  }

  get #unfired(): readonly number[] {
    const { caller = "root" } = this.#scenario.arranged;
    const isRefused = this.#lab.requests.some(({ status = 0 }) => status >= 400);
    return caller === "root" || isRefused ? this.#lab.unfired : [0, ...this.#lab.unfired];
  }

  async #stored(key: string): Promise<StoredObject | undefined> {
    try {
      const object = await this.#engine.openObject(bucket, key);
      try {
        const { bytes, sha256 } = await digestOf(object.read());
        return { bytes, isWhole: sha256 === knownDigest(bytes).sha256 };
      } finally {
        await object.close();
      }
    } catch (error) {
      if (S3Error.is(error) && error.code === "NoSuchKey") return undefined;
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lab.close();
  }
}

async function putAll(
  engine: Engine,
  objects: readonly (readonly [key: string, size: number])[],
): Promise<void> {
  const waiting = objects.values();
  const work = async (): Promise<void> => {
    for (const [key, size] of waiting) {
      await engine.putObject({
        bucket,
        key,
        size,
        body: piecesOf(size),
        metadata: { system: {}, user: {} },
        checksumAlgorithm: "CRC32",
      });
    }
  };
  // A few at once: other subjects are timed by the same process.
  await Promise.all(Array.from({ length: 16 }, work));
}

const elsewhereOf = {
  // No label of a name is longer than 63 octets, so no name server need be asked.
  "unknown-host": `http://${"n".repeat(64)}.invalid`,
  // A port that is given to no service, that no system gives away, and that browsers do not refuse to ask.
  refuses: "http://127.0.0.1:4",
} as const;

/** What an action is made of, where it is carried out as S3 means it. */
const operationsOf: Readonly<Record<ActionName, readonly string[]>> = {
  get: ["GetObject"],
  "get-if-changed": ["GetObject"],
  "get-until-aborted": ["GetObject"],
  head: ["HeadObject"],
  exists: ["HeadObject", "GetObject"],
  put: ["PutObject"],
  upload: ["PutObject", "CreateMultipartUpload", "CompleteMultipartUpload"],
  copy: ["CopyObject"],
  delete: ["DeleteObject"],
  "delete-many": ["DeleteObjects", "DeleteObject"],
  list: ["ListObjects", "ListObjectsV2"],
  kind: ["HeadObject"],
} satisfies Record<Action["do"], readonly SeenRequest["operation"][]>;

function plain({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: SigningCredentials): ProbeCredentials {
  const keys = { accessKeyId, secretAccessKey };
  return sessionToken === undefined ? keys : { ...keys, sessionToken };
}

async function* piecesOf(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield* knownPieces(size);
}
