import {
  copy,
  deleteObject,
  deleteObjects,
  getObject,
  headBucket,
  headObject,
  listObjects,
  presignGet,
  presignPut,
  S3Error,
  upload,
  writeIdName,
  type GetObjectOutput,
  type ObjectDescription,
  type ObjectsPage,
  type S3Connection,
} from "@holdfast/client";
import type { Capability } from "../../capability.ts";
import type {
  BulkDeletingDriver,
  DeleteFailure,
  DriverCopyOptions,
  DriverDeleteOptions,
  DriverGetOptions,
  DriverListOptions,
  DriverOptions,
  DriverPutOptions,
  FileEntry,
  FileStat,
  FolderEntry,
  ListPage,
  OpenedFile,
  PresignedRequest,
  PresigningDriver,
  PresignOptions,
  UnwrappableDriver,
  Written,
} from "../../driver.ts";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { failureOfS3 } from "./failure-of-s3.ts";

/** Where the files are. */
export interface S3DriverOptions {
  /** An `S3Client`. It stays open when the store is closed. */
  readonly client: S3Connection;
  readonly bucket: string;
  /**
   * What the service lacks of what S3 can do. Name here the conditions that it ignores: a store believes that they are
   * kept to.
   */
  readonly lacks?: readonly Capability[] | undefined;
}

const capabilitiesOfS3: readonly Capability[] = [
  "atomic_create",
  "atomic_write",
  "conditional_copy",
  "conditional_delete",
  "conditional_write",
  "copy",
  "delete",
  "list",
  "metadata",
  "move",
  "read",
  "user_metadata",
  "write",
];

/** The objects of a bucket. A folder is what their keys share up to a slash; a key that ends in one is no file. */
export class S3Driver implements BulkDeletingDriver, PresigningDriver, UnwrappableDriver {
  readonly name = "s3";
  readonly capabilities: ReadonlySet<Capability>;
  readonly namespace = "flat";
  readonly #client: S3Connection;
  readonly #bucket: string;

  constructor({ client, bucket, lacks = [] }: S3DriverOptions) {
    this.capabilities = new Set(capabilitiesOfS3.filter((one) => !lacks.includes(one)));
    this.#client = client;
    this.#bucket = bucket;
  }

  get native(): S3Connection {
    return this.#client;
  }

  async stat(key: string, { signal }: DriverOptions): Promise<FileStat> {
    return statOf(await headObject(this.#client, { bucket: this.#bucket, key, signal }));
  }

  async get(key: string, options: DriverGetOptions): Promise<OpenedFile> {
    const { offset = 0, length, ifMatch, signal } = options;
    const isWhole = offset === 0 && length === undefined;
    const end = length === undefined ? undefined : offset + length - 1;
    const range = isWhole ? undefined : { start: offset, end };
    try {
      const bucket = this.#bucket;
      const found = await getObject(this.#client, { bucket, key, range, ifMatch, signal });
      return await opened(found);
    } catch (error) {
      // To S3 a range past the end is an error; to a store it is empty.
      if (!S3Error.is(error) || error.errorCode !== "InvalidRange") throw error;
      const head = { bucket: this.#bucket, key, ifMatch, signal };
      const stat = statOf(await headObject(this.#client, head));
      // It has grown since, or the refusal was no answer to what was asked.
      if (stat.size > offset)
        throw new DriverFailure({ kind: "modified", retryable: true, cause: error });
      return { stat, body: nothing() };
    }
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition, contentType, metadata, signal }: DriverPutOptions,
  ): Promise<Written> {
    const ifMatch = typeof condition === "object" ? condition.etag : undefined;
    const stored = await upload(this.#client, {
      bucket: this.#bucket,
      key,
      body,
      contentType,
      metadata,
      ifNoneMatch: condition === "absent" ? "*" : undefined,
      ifMatch,
      signal,
    }).catch((error: unknown) => {
      // A missing object is none that has the etag.
      if (ifMatch === undefined || !S3Error.is(error) || error.errorCode !== "NoSuchKey")
        throw error;
      throw new DriverFailure({ ...failureOfS3(error), kind: "precondition-failed", message: "" });
    });
    return { size: stored.bytes, etag: stored.etag };
  }

  async delete(key: string, { ifMatch, signal }: DriverDeleteOptions): Promise<void> {
    // S3 deletes what is not there with the same answer.
    await this.stat(key, { signal });
    await deleteObject(this.#client, { bucket: this.#bucket, key, ifMatch, signal });
  }

  async deleteMany(
    keys: readonly string[],
    { signal }: DriverOptions,
  ): Promise<readonly DeleteFailure[]> {
    const { failed } = await deleteObjects(this.#client, {
      bucket: this.#bucket,
      objects: keys,
      signal,
    });
    return failed;
  }

  listPage(
    prefix: string,
    { recursive, entriesMax, signal }: DriverListOptions,
  ): Promise<ListPage> {
    const pages = listObjects(this.#client, {
      bucket: this.#bucket,
      prefix,
      delimiter: recursive ? undefined : "/",
      maxKeys: entriesMax,
      signal,
    }).pages();
    return nextPage(pages[Symbol.asyncIterator]());
  }

  async copy(
    from: string,
    to: string,
    { overwrite, ifMatch, signal }: DriverCopyOptions,
  ): Promise<Written> {
    const copied = await copy(this.#client, {
      bucket: this.#bucket,
      key: to,
      copySource: { bucket: this.#bucket, key: from },
      copySourceIfMatch: ifMatch,
      ifNoneMatch: overwrite ? undefined : "*",
      signal,
    });
    return { size: copied.bytes, etag: copied.etag };
  }

  async presign(
    key: string,
    { method, expiresIn: expiresSeconds, contentType }: PresignOptions,
  ): Promise<PresignedRequest> {
    const bucket = this.#bucket;
    const context = await this.#client.presignContext(bucket);
    const { url, headers, expiresAt } =
      method === "GET"
        ? presignGet(context, { bucket, key, expiresSeconds })
        : presignPut(context, { bucket, key, expiresSeconds, contentType });
    return { method, url, headers, expiresAt };
  }

  async probe({ signal }: DriverOptions): Promise<void> {
    await headBucket(this.#client, { bucket: this.#bucket, signal });
  }

  async close(): Promise<void> {}

  failureOf(error: unknown): Failure {
    return failureOfS3(error);
  }
}

/** The answer to a range states its own length, and that of the object beside the range. */
function statOf(object: ObjectDescription): FileStat {
  const { contentRange, contentLength, etag, lastModified, contentType } = object;
  // The client's own mark of a conditional write is nothing that the caller wrote.
  const { [writeIdName]: _mark, ...metadata } = object.metadata;
  const size = contentRange === undefined ? contentLength : Number(contentRange.split("/")[1]);
  if (size === undefined || !Number.isSafeInteger(size)) {
    const message = "The answer does not say how long the object is.";
    throw new DriverFailure({ kind: "unavailable", message });
  }
  return { kind: "file", size, etag, modifiedAt: lastModified, contentType, metadata };
}

async function opened(found: GetObjectOutput): Promise<OpenedFile> {
  try {
    return { stat: statOf(found), body: found.body };
  } catch (error) {
    await found.body.dispose();
    throw error;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function nextPage(pages: AsyncIterator<ObjectsPage>): Promise<ListPage> {
  const step = await pages.next();
  if (step.done === true) return { entries: [] };
  const entries = entriesOf(step.value);
  return step.value.isTruncated ? { entries, next: () => nextPage(pages) } : { entries };
}

/** Objects and common prefixes in one order, as S3 has them on its pages. */
function entriesOf({ contents, commonPrefixes }: ObjectsPage): (FileEntry | FolderEntry)[] {
  const files = contents.map(({ key, size, etag, lastModified }): FileEntry => {
    return { kind: "file", key, size, etag, modifiedAt: lastModified };
  });
  if (commonPrefixes.length === 0) return files;
  const folders = commonPrefixes.map((prefix): FolderEntry => ({
    kind: "folder",
    key: prefix.slice(0, -1),
  }));
  return [...files, ...folders]
    .map((entry) => ({ entry, order: Buffer.from(sortKeyOf(entry)) }))
    .toSorted((a, b) => Buffer.compare(a.order, b.order))
    .map(({ entry }) => entry);
}

function sortKeyOf({ kind, key }: FileEntry | FolderEntry): string {
  return kind === "folder" ? `${key}/` : key;
}
