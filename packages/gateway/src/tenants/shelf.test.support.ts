import { isGranted, isSeen } from "./rules.test.support.ts";
import type { Deed, Kind, Step } from "./step.test.support.ts";

interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  part: { readonly etag: string; readonly body: string } | undefined;
}

/** What an answer brings that the shelf cannot know before. */
interface News {
  readonly uploadId: string;
  readonly etag: string;
}

/** What an allowed request comes to: its status, the code on record where some of it fails, and what its body has to show. */
export interface Result {
  readonly status: number;
  readonly code?: string;
  readonly shows?: readonly string[];
  /** To be told when the answer has come. */
  readonly hear?: (news: News) => void;
}

/** A request that is allowed, and what it writes. */
interface Act {
  readonly step: Step;
  readonly kind: Kind;
  readonly body: string;
}

type Objects = Map<string, string>;

const noSuch = (what: "Bucket" | "Key" | "Upload"): Result => ({
  status: 404,
  code: `NoSuch${what}`,
});

/** The buckets, objects and uploads that should be there. */
export class Shelf {
  readonly buckets = new Map<string, Objects>();
  #uploads: Upload[] = [];

  readonly #deeds: Readonly<Record<Deed, (objects: Objects, act: Act) => Result>> = {
    GetObject: (objects, { step }) => read(objects, step.key, true),
    HeadObject: (objects, { step }) => read(objects, step.key, false),
    GetObjectTagging: (objects, { step }) => read(objects, step.key, false),
    PutObject: (objects, { step, body }) => {
      objects.set(step.key, body);
      return { status: 200 };
    },
    CopyObject: (objects, { step }) => {
      const { text, ...result } = this.#source(step);
      if (text !== undefined) objects.set(step.key, text);
      return result;
    },
    DeleteObject: (objects, { step }) => {
      objects.delete(step.key);
      return { status: 204 };
    },
    DeleteObjects: (objects, act) => {
      const shows = act.step.keys.map((key) => deleteOne(objects, key, act));
      const isDenied = shows.some((one) => one.endsWith("AccessDenied"));
      return { status: 200, shows, ...(isDenied && { code: "AccessDenied" }) };
    },
    ListObjects: (objects, { step }) => listed([...objects.keys()], step),
    ListObjectsV2: (objects, { step }) => listed([...objects.keys()], step),
    ListMultipartUploads: (_, { step }) => {
      const own = this.#uploads.filter(({ bucket }) => bucket === step.bucket);
      return listed(
        own.map(({ key }) => key),
        step,
      );
    },
    CreateMultipartUpload: (_, { step: { bucket, key } }) => ({
      status: 200,
      hear: ({ uploadId: id }) => this.#uploads.push({ id, bucket, key, part: undefined }),
    }),
    UploadPart: (_, { step, body }) => this.#putPart(step, body),
    UploadPartCopy: (_, { step }) => this.#putPart(step, this.#source(step).text ?? ""),
    ListParts: (_, { step }) => (this.#isOf(step) ? { status: 200 } : noSuch("Upload")),
    CompleteMultipartUpload: (objects, { step }) => this.#complete(objects, step),
    AbortMultipartUpload: (_, { step }) => this.#abort(step),
    HeadBucket: () => ({ status: 200 }),
    GetBucketLocation: () => ({ status: 200 }),
    GetBucketVersioning: () => ({ status: 200 }),
    CreateBucket: () => ({ status: 409, code: "BucketAlreadyOwnedByYou" }),
    DeleteBucket: (objects, { step }) => this.#deleteBucket(objects, step.bucket),
    ListBuckets: (_, { kind }) => this.#seenBy(kind),
  };

  /** Carries out what is allowed. */
  do(act: Act): Result {
    const { deed, bucket, key, source } = act.step;
    if (deed === "ListBuckets") return this.#seenBy(act.kind);
    const objects = this.buckets.get(bucket);
    if (deed === "CreateBucket" && objects === undefined) {
      this.buckets.set(bucket, new Map());
      return { status: 200 };
    }
    if (deed === "CopyObject" && bucket === source.bucket && key === source.key) {
      return { status: 400, code: "InvalidRequest" };
    }
    // A part is read from its source before anyone looks where it goes.
    const { code, status } = this.#source(act.step);
    if (deed === "UploadPartCopy" && code !== undefined) return { code, status };
    return objects === undefined ? noSuch("Bucket") : this.#deeds[deed](objects, act);
  }

  /** The upload that a step is about; undefined for one that never was. */
  uploadOf(step: Step): Upload | undefined {
    return this.#uploads[step.upload];
  }

  #isOf(step: Step): boolean {
    const upload = this.uploadOf(step);
    return upload?.bucket === step.bucket && upload.key === step.key;
  }

  #putPart(step: Step, body: string): Result {
    const upload = this.uploadOf(step);
    if (upload === undefined || !this.#isOf(step)) return noSuch("Upload");
    return { status: 200, hear: ({ etag }) => (upload.part = { etag, body }) };
  }

  #complete(objects: Objects, step: Step): Result {
    const upload = this.uploadOf(step);
    if (upload === undefined || !this.#isOf(step)) return noSuch("Upload");
    if (upload.part === undefined) return { status: 400, code: "InvalidPart" };
    objects.set(step.key, upload.part.body);
    this.#uploads = this.#uploads.filter((one) => one !== upload);
    return { status: 200 };
  }

  #abort(step: Step): Result {
    if (!this.#isOf(step)) return noSuch("Upload");
    this.#uploads.splice(step.upload, 1);
    return { status: 204 };
  }

  #source({ source }: Step): Result & { readonly text?: string } {
    const bucket = this.buckets.get(source.bucket);
    if (bucket === undefined) return noSuch("Bucket");
    const text = bucket.get(source.key);
    return text === undefined ? noSuch("Key") : { status: 200, text };
  }

  #deleteBucket(objects: Objects, name: string): Result {
    if (objects.size > 0) return { status: 409, code: "BucketNotEmpty" };
    this.buckets.delete(name);
    this.#uploads = this.#uploads.filter(({ bucket }) => bucket !== name);
    return { status: 204 };
  }

  #seenBy(kind: Kind): Result {
    const seen = [...this.buckets.keys()].filter((name) => isSeen(kind, name));
    return { status: 200, shows: seen.toSorted() };
  }
}

function read(objects: Objects, key: string, withBody: boolean): Result {
  const text = objects.get(key);
  if (text === undefined) return noSuch("Key");
  return withBody ? { status: 200, shows: [text] } : { status: 200 };
}

function deleteOne(objects: Objects, key: string, { step, kind }: Act): string {
  if (!isGranted(kind, { verb: "delete", bucket: step.bucket, key })) return `${key} AccessDenied`;
  objects.delete(key);
  return `${key} deleted`;
}

/** What a listing shows of keys: in the order of their bytes, folded at the delimiter, each folder once. */
function listed(keys: readonly string[], { prefix, delimiter }: Step): Result {
  const within = keys.filter((key) => key.startsWith(prefix));
  const sorted = within.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (!delimiter) return { status: 200, shows: sorted };
  const folded = sorted.map((key) => {
    const end = key.indexOf("/", prefix.length);
    return end === -1 ? key : key.slice(0, end + 1);
  });
  const shows = folded.filter((one, at) => !one.endsWith("/") || folded.indexOf(one) === at);
  return { status: 200, shows };
}
