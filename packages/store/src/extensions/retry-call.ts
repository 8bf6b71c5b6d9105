import { retry, type RetryAttempt } from "@holdfast/client";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { storeVerdict } from "./client-verdict.ts";
import type { StoreRetryOptions } from "./retrying-store.ts";
import type { StoreCall } from "./store-call.ts";

/** How a store's calls are tried again. */
export interface Retries {
  readonly backend: string;
  readonly options: StoreRetryOptions;
}

/** Runs a call until it succeeds or trying again cannot help. Rejects with a store's error. */
export async function retryCall<T>(
  { backend, options }: Retries,
  call: StoreCall,
  run: (attempt: RetryAttempt) => Promise<T>,
): Promise<T> {
  const { operation, path, signal, repeats } = call;
  try {
    const idempotent = repeats === "always";
    return await retry(run, { ...options, signal, idempotent, retryable: isRetryable });
  } catch (error) {
    throw storeVerdict(error, { operation, backend, path });
  }
}

function isRetryable(error: unknown): boolean {
  return RemoteStoreError.is(error) && error.retryable;
}
