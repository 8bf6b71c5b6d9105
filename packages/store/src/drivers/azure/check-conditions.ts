import type { BlobRequestConditions, BlockBlobClient } from "@azure/storage-blob";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { AzureError } from "./azure-error.ts";
import type { Requests } from "./requests.ts";

/** What is to be looked at, and how. */
export interface ConditionCheck {
  readonly requests: Requests;
  readonly blob: BlockBlobClient;
  readonly conditions: BlobRequestConditions;
  readonly signal: AbortSignal | undefined;
}

/** Fails where a commit under these conditions would. What is true now need not be true then. */
export async function checkConditions(check: ConditionCheck): Promise<void> {
  const { blob, conditions, requests, signal } = check;
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  const isThere = await requests
    .ask({
      signal,
      send: (abortSignal) =>
        blob.getProperties({ abortSignal, ...(ifMatch && { conditions: { ifMatch } }) }),
    })
    .then(always, unlessMissing);
  if (isThere && ifNoneMatch !== undefined) throw new DriverFailure({ kind: "already-exists" });
  if (!isThere && ifMatch !== undefined) throw new DriverFailure({ kind: "precondition-failed" });
}

function always(): true {
  return true;
}

function unlessMissing(error: unknown): false {
  if (error instanceof AzureError && error.code === "BlobNotFound") return false;
  throw error;
}
