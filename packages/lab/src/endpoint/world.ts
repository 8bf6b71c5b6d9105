import { randomBytes } from "node:crypto";
import { childText, readErrorDocument, readXml } from "@holdfast/protocol";
import { ask, type Answered, type Asked, type Endpoint } from "./ask.ts";
import { objectText, type Placeholder } from "./question.ts";

/** An endpoint that cannot be asked at all: why, and what may help. */
export class EndpointUnusable extends Error {
  override readonly name = "EndpointUnusable";
  readonly code = "EndpointUnusable";
}

/** What is arranged at an endpoint: a bucket, an object, an upload with two small parts. */
export class World {
  readonly #endpoint: Endpoint;
  readonly #values = new Map<Placeholder, string>();
  /** Why a placeholder has no value. */
  readonly #lacks = new Map<Placeholder, string>();
  readonly #ownsBucket: boolean;

  private constructor(endpoint: Endpoint, bucket: string | undefined) {
    this.#endpoint = endpoint;
    this.#ownsBucket = bucket === undefined;
    const id = randomBytes(5).toString("hex");
    this.#values.set("bucket", bucket ?? `holdfast-probe-${id}`);
    this.#values.set("no-bucket", `holdfast-probe-none-${id}`);
    this.#values.set("key", `holdfast-probe/${id}/object`);
    this.#values.set("missing", `holdfast-probe/${id}/missing`);
  }

  /** Makes a bucket of its own unless one is given. Rejects with `EndpointUnusable` when there is nothing to ask in. */
  static async arrange(endpoint: Endpoint, bucket: string | undefined): Promise<World> {
    const world = new World(endpoint, bucket);
    try {
      if (world.#ownsBucket) await world.#makeBucket();
      await world.#makeObject();
      await world.#makeUpload();
    } catch (error) {
      await world.remove();
      throw error;
    }
    return world;
  }

  get ownsBucket(): boolean {
    return this.#ownsBucket;
  }

  /** Asks with the placeholders filled in; a string says which could not be. */
  async ask(asked: Asked): Promise<Answered | string> {
    const text = JSON.stringify(asked);
    const names = new Set([...text.matchAll(/\{([a-z0-9-]+)\}/g)].map(([, name = ""]) => name));
    for (const [placeholder, why] of this.#lacks) if (names.has(placeholder)) return why;
    const fill = (one: string): string =>
      one.replaceAll(/\{([a-z0-9-]+)\}/g, (whole, name: string) => {
        for (const [placeholder, value] of this.#values) if (placeholder === name) return value;
        return whole;
      });
    const headers = Object.entries(asked.headers ?? {}).map(
      ([name, value]) => [name, fill(value)] as const,
    );
    return ask(this.#endpoint, {
      ...asked,
      target: fill(asked.target),
      headers: Object.fromEntries(headers),
      ...(asked.body !== undefined && { body: fill(asked.body) }),
    });
  }

  /** Takes away all that was arranged, as far as the endpoint lets it. */
  async remove(): Promise<void> {
    if (this.#values.has("upload")) {
      await this.ask({ method: "DELETE", target: "/{bucket}/{missing}?uploadId={upload}" });
    }
    for (const target of ["/{bucket}/{key}", "/{bucket}/{missing}"]) {
      await this.ask({ method: "DELETE", target });
    }
    if (this.#ownsBucket) await this.ask({ method: "DELETE", target: "/{bucket}" });
  }

  async #makeBucket(): Promise<void> {
    const { region } = this.#endpoint;
    const place = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    const body = region === "us-east-1" ? {} : { body: place };
    const made = await this.ask({ method: "PUT", target: "/{bucket}", ...body });
    if (!isDone(made)) throw new EndpointUnusable(`no bucket could be made there (${said(made)})`);
  }

  async #makeObject(): Promise<void> {
    const put = await this.ask({ method: "PUT", target: "/{bucket}/{key}", body: objectText });
    if (!isDone(put)) throw new EndpointUnusable(`no object could be stored there (${said(put)})`);
    this.#values.set("etag", put.headers.etag ?? "");
  }

  async #makeUpload(): Promise<void> {
    const begun = await this.ask({ method: "POST", target: "/{bucket}/{missing}?uploads" });
    const upload = isDone(begun) ? uploadIdOf(begun.body) : undefined;
    if (upload === undefined) {
      this.#lack(["upload", "part-1", "part-2"], `no upload could be begun (${said(begun)})`);
      return;
    }
    this.#values.set("upload", encodeURIComponent(upload));
    for (const number of [1, 2] as const) {
      const target = `/{bucket}/{missing}?uploadId={upload}&partNumber=${number}`;
      const put = await this.ask({ method: "PUT", target, body: `part ${number}` });
      if (isDone(put)) this.#values.set(`part-${number}`, put.headers.etag ?? "");
      else this.#lack([`part-${number}`], `no part could be uploaded (${said(put)})`);
    }
  }

  #lack(names: readonly Placeholder[], why: string): void {
    for (const name of names) this.#lacks.set(name, why);
  }
}

type Done = Extract<Answered, { status: number }>;

function isDone(answered: Answered | string): answered is Done {
  return typeof answered !== "string" && "status" in answered && answered.status === 200;
}

/** An answer in a few words: its status and code, or that there was none. */
function said(answered: Answered | string): string {
  if (typeof answered === "string") return answered;
  if ("failed" in answered) return answered.failed;
  const { code } = readErrorDocument(answered.body);
  return code === undefined ? String(answered.status) : `${answered.status} ${code}`;
}

function uploadIdOf(body: Buffer): string | undefined {
  try {
    return childText(readXml(body), "UploadId");
  } catch {
    return undefined;
  }
}
