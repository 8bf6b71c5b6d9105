import type {
  BlobRequestConditions,
  BlockBlobClient,
  BlockBlobCommitBlockListOptions,
  BlockBlobCommitBlockListResponse,
} from "@azure/storage-blob";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { AzureError } from "./azure-error.ts";
import { checkConditions } from "./check-conditions.ts";
import { failureOfAzure } from "./failure-of-azure.ts";
import type { Requests } from "./requests.ts";

/** What makes a blob of blocks. */
export interface BlockCommit {
  readonly requests: Requests;
  readonly blob: BlockBlobClient;
  readonly ids: readonly string[];
  readonly conditions: BlobRequestConditions;
  readonly attributes: BlockBlobCommitBlockListOptions;
  readonly signal: AbortSignal | undefined;
}

/**
 * Commits blocks, if the conditions hold. Whoever else commits the same blob has Azure drop all its other blocks, and Azure
 * does not say which it looks at first, those or the conditions: a commit whose blocks are gone fails by the condition
 * that does not hold any more, if there is one.
 */
export async function commitBlocks(commit: BlockCommit): Promise<BlockBlobCommitBlockListResponse> {
  const { requests, blob, ids, conditions, attributes, signal } = commit;
  const send = (abortSignal: AbortSignal): Promise<BlockBlobCommitBlockListResponse> =>
    blob.commitBlockList([...ids], { conditions, ...attributes, abortSignal });
  try {
    return await requests.ask({ changes: true, signal, send });
  } catch (error) {
    const isDropped = error instanceof AzureError && error.code === "InvalidBlockList";
    const kind = isDropped ? await unmetBy(commit) : undefined;
    throw kind === undefined ? error : new DriverFailure({ kind, cause: error });
  }
}

/** As what the conditions fail now; undefined if they hold. A look that fails itself says nothing. */
async function unmetBy(
  commit: BlockCommit,
): Promise<"already-exists" | "precondition-failed" | undefined> {
  try {
    await checkConditions(commit);
  } catch (error) {
    const { kind } = failureOfAzure(error);
    if (kind === "already-exists" || kind === "precondition-failed") return kind;
  }
  return undefined;
}
