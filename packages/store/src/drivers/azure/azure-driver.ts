import type {
  BlobRequestConditions,
  BlockBlobClient,
  BlobDownloadResponseParsed,
} from "@azure/storage-blob";
import { Readable } from "node:stream";
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
  FileStat,
  ListPage,
  OpenedFile,
  PresignedRequest,
  PresigningDriver,
  PresignOptions,
  Written,
} from "../../driver.ts";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { resumedBody } from "../resumed-body.ts";
import { AzureError } from "./azure-error.ts";
import { metadataOf } from "./blob-attributes.ts";
import { blobName, isBlobName } from "./blob-name.ts";
import { blobPage } from "./blob-pages.ts";
import { uploadBlob, type BlockLimits } from "./block-upload.ts";
import { etagOf, quotedEtag } from "./etag.ts";
import { failureOfAzure } from "./failure-of-azure.ts";
import { isAskedPart } from "./is-asked-part.ts";
import {
  checkAccount,
  openContainer,
  type AzureAccount,
  type OpenContainer,
} from "./open-container.ts";
import { Requests, type RequestLimits } from "./requests.ts";
import { copyBlob, type SourceAccess } from "./server-copy.ts";

/** Where the files are, who asks for them, and how much of this process that may take. */
export interface AzureDriverOptions extends AzureAccount, Partial<RequestLimits & BlockLimits> {}

const capabilities: ReadonlySet<Capability> = new Set([
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
]);

const deletesAtOnce = 16;
const sourceAccessMs = 60 * 60_000;

/**
 * The blobs of a container of Azure Blob Storage, of an account without a hierarchical namespace. Needs the package
 * `@azure/storage-blob`, which it loads with the first call.
 */
export class AzureDriver implements BulkDeletingDriver, PresigningDriver {
  readonly name = "azure";
  readonly capabilities = capabilities;
  readonly namespace = "flat";
  readonly #account: AzureAccount;
  readonly #limits: RequestLimits & BlockLimits;
  readonly #requests: Requests;
  #opening: Promise<OpenContainer> | undefined;

  /** Requests are sent 3 times at most and take 60 seconds each; blocks have 8 MiB, and 4 are sent at once. */
  constructor(options: AzureDriverOptions) {
    checkAccount(options);
    this.#account = { ...options };
    const { attemptsMax = 3, timeoutMs = 60_000, blockBytes = 8 * 2 ** 20 } = options;
    const { blocksAtOnce = 4 } = options;
    this.#limits = { attemptsMax, timeoutMs, blockBytes, blocksAtOnce };
    this.#requests = new Requests(this.#limits);
  }

  async stat(key: string, { signal }: DriverOptions): Promise<FileStat> {
    const blob = await this.#blob(key);
    const send = (abortSignal: AbortSignal): Promise<BlobFacts> =>
      blob.getProperties({ abortSignal });
    return statOf(await this.#requests.ask({ send, signal }));
  }

  async get(key: string, options: DriverGetOptions): Promise<OpenedFile> {
    const { offset = 0, length, ifMatch, signal } = options;
    const blob = await this.#blob(key);
    const conditions = matching(ifMatch);
    try {
      const found = await this.#download(blob, { offset, length, conditions, signal });
      const stat = statOf(found);
      return { stat, body: this.#bodyOf(found, { blob, stat, offset, signal }) };
    } catch (error) {
      // To Azure a range past the end is an error; to a store it is empty.
      if (!(error instanceof AzureError) || error.status !== 416) throw error;
      const stat = await this.stat(key, { signal });
      if (ifMatch !== undefined && ifMatch !== stat.etag) {
        throw new DriverFailure({ kind: "precondition-failed", cause: error });
      }
      if (offset >= stat.size) return { stat, body: nothing() };
      // It was shorter when it was asked for.
      throw new DriverFailure({ kind: "modified", retryable: true, cause: error });
    }
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition, signal, ...attributes }: DriverPutOptions,
  ): Promise<Written> {
    const conditions: BlobRequestConditions =
      condition === "absent" ? { ifNoneMatch: "*" } : matching(condition?.etag);
    const blob = await this.#blob(key);
    const requests = this.#requests;
    const upload = { ...this.#limits, requests, blob, conditions, attributes, signal };
    return uploadBlob(upload, body);
  }

  async delete(key: string, { ifMatch, signal }: DriverDeleteOptions): Promise<void> {
    const blob = await this.#blob(key);
    const conditions = matching(ifMatch);
    const send = (abortSignal: AbortSignal): Promise<object> =>
      blob.delete({ conditions, abortSignal });
    try {
      await this.#requests.ask({ changes: true, send, signal });
    } catch (error) {
      // A condition on what is not there may be said to be not met; that it is not there says more.
      const isUnmet = error instanceof AzureError && error.code === "ConditionNotMet";
      if (isUnmet && ifMatch !== undefined) await this.stat(key, { signal });
      throw error;
    }
  }

  async deleteMany(
    keys: readonly string[],
    { signal }: DriverOptions,
  ): Promise<readonly DeleteFailure[]> {
    const failures: DeleteFailure[] = [];
    const left = [...keys];
    const lane = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        try {
          await this.delete(key, { signal });
        } catch (error) {
          if (failureOfAzure(error).kind !== "not-found") failures.push({ key, error });
        }
      }
    };
    await Promise.all(Array.from({ length: deletesAtOnce }, lane));
    return failures;
  }

  async listPage(
    prefix: string,
    { recursive, entriesMax, signal }: DriverListOptions,
  ): Promise<ListPage> {
    if (!isBlobName(prefix)) return { entries: [] };
    const { container } = await this.#open();
    const requests = this.#requests;
    return blobPage({ requests, container, prefix, recursive, entriesMax, signal });
  }

  async copy(from: string, to: string, options: DriverCopyOptions): Promise<Written> {
    const { overwrite, ifMatch, signal } = options;
    const source = await this.#blob(from);
    return copyBlob({
      requests: this.#requests,
      from: source,
      to: await this.#blob(to),
      conditions: overwrite ? {} : { ifNoneMatch: "*" },
      ifMatch: ifMatch === undefined ? undefined : quotedEtag(ifMatch),
      access: () => this.#accessTo(source),
      signal,
    });
  }

  /** Only with an account's key; the URL is one of a SAS token for this file alone. */
  async presign(key: string, options: PresignOptions): Promise<PresignedRequest> {
    const { method, expiresIn, contentType } = options;
    const expiresAt = new Date(Date.now() + expiresIn * 1000);
    const blob = await this.#blob(key);
    const url = await this.#signedUrl(blob, method === "GET" ? "r" : "cw", expiresAt);
    if (url === undefined) throw new DriverFailure({ kind: "unsupported", capability: "presign" });
    const headers = {
      "x-ms-blob-type": "BlockBlob",
      ...(contentType !== undefined && { "content-type": contentType }),
    };
    return { method, url, headers: method === "GET" ? {} : headers, expiresAt };
  }

  async probe({ signal }: DriverOptions): Promise<void> {
    // A listing of one is what every sort of credential may be granted; the container's properties are not.
    await this.listPage("", { recursive: true, entriesMax: 1, signal });
  }

  async close(): Promise<void> {}

  failureOf(error: unknown): Failure {
    return failureOfAzure(error);
  }

  #open(): Promise<OpenContainer> {
    this.#opening ??= openContainer(this.#account);
    return this.#opening;
  }

  async #blob(key: string): Promise<BlockBlobClient> {
    const name = blobName(key);
    return (await this.#open()).container.getBlockBlobClient(name);
  }

  async #download(blob: BlockBlobClient, range: Range): Promise<BlobDownloadResponseParsed> {
    const { offset, length, conditions, signal } = range;
    // The SDK would go on with a broken body by itself, but takes a reset for an abort.
    const options = { conditions, maxRetryRequests: 0 };
    const found = await this.#requests.ask({
      signal,
      send: (abortSignal) => blob.download(offset, length, { ...options, abortSignal }),
    });
    if (isAskedPart(found, range)) return found;
    streamOf(found).on("error", ignore).destroy();
    const message = "Azure sent another part of the blob than was asked for.";
    throw new DriverFailure({ kind: "unavailable", message, retryable: false });
  }

  #bodyOf(found: BlobDownloadResponseParsed, opened: Opened): AsyncIterable<Uint8Array> {
    const { blob, stat, offset, signal } = opened;
    const bytes = found.contentLength ?? 0;
    const reopen = async (done: number): Promise<Readable> => {
      const rest = { offset: offset + done, length: bytes - done };
      try {
        return streamOf(
          await this.#download(blob, { ...rest, conditions: matching(stat.etag), signal }),
        );
      } catch (error) {
        if (!(error instanceof AzureError) || error.status !== 412) throw error;
        throw new DriverFailure({ kind: "modified", cause: error });
      }
    };
    return resumedBody({
      bytes,
      stream: streamOf(found),
      reopen,
      reopensMax: this.#limits.attemptsMax - 1,
      idleMs: this.#limits.timeoutMs,
    });
  }

  /** How Azure may read a blob itself: by a SAS token of its own, by the caller's, or by the caller's bearer token. */
  async #accessTo(blob: BlockBlobClient): Promise<SourceAccess> {
    const signed = await this.#signedUrl(blob, "r", new Date(Date.now() + sourceAccessMs));
    if (signed !== undefined) return { url: signed };
    const { credential } = this.#account;
    if (credential === undefined) return { url: blob.url };
    const { sdk } = await this.#open();
    const token = await credential.getToken(sdk.StorageBlobAudience.StorageOAuthScopes);
    if (token === null) throw new DriverFailure({ kind: "unauthenticated" });
    return { url: blob.url, authorization: { scheme: "Bearer", value: token.token } };
  }

  async #signedUrl(
    blob: BlockBlobClient,
    permissions: string,
    expiresOn: Date,
  ): Promise<string | undefined> {
    const { sdk } = await this.#open();
    if (!(blob.credential instanceof sdk.StorageSharedKeyCredential)) return undefined;
    return blob.generateSasUrl({
      permissions: sdk.BlobSASPermissions.parse(permissions),
      expiresOn,
    });
  }
}

interface Range {
  readonly offset: number;
  readonly length: number | undefined;
  readonly conditions: BlobRequestConditions;
  readonly signal: AbortSignal | undefined;
}

interface Opened {
  readonly blob: BlockBlobClient;
  readonly stat: FileStat;
  readonly offset: number;
  readonly signal: AbortSignal | undefined;
}

/** What the head of an answer says of a blob. */
interface BlobFacts {
  readonly contentLength?: number | undefined;
  readonly contentRange?: string | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The answer to a range states its own length, and that of the blob beside the range. */
function statOf(facts: BlobFacts): FileStat {
  const { contentLength, contentRange, contentType, etag, lastModified, metadata = {} } = facts;
  const size = contentRange === undefined ? contentLength : Number(contentRange.split("/")[1]);
  if (size === undefined || !Number.isSafeInteger(size)) {
    const message = "The answer does not say how long the blob is.";
    throw new DriverFailure({ kind: "unavailable", message });
  }
  return {
    kind: "file",
    size,
    etag: etagOf(etag),
    modifiedAt: lastModified,
    contentType,
    metadata: metadataOf(metadata),
  };
}

function streamOf({ readableStreamBody }: BlobDownloadResponseParsed): Readable {
  if (readableStreamBody instanceof Readable) return readableStreamBody;
  throw new DriverFailure({ kind: "unavailable", message: "The answer has no body." });
}

function matching(etag: string | undefined): BlobRequestConditions {
  return etag === undefined ? {} : { ifMatch: quotedEtag(etag) };
}

function ignore(): void {}

async function* nothing(): AsyncGenerator<Uint8Array> {}
