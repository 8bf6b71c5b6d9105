import { asS3Error } from "../errors/as-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { CredentialProvider } from "./credentials.ts";

/** What public errors of providers were made of, for a client that asks a provider and tells of its own operation. */
const failures = new WeakMap<object, WireFailure>();

/** A provider that whoever calls it, this client or another, can tell from its errors: each is an `S3Error`. */
export function publicProvider(provider: CredentialProvider): CredentialProvider {
  return async (options) => {
    try {
      return await provider(options);
    } catch (error) {
      throw publicFailure(error);
    }
  };
}

/** The public error of a failure. */
export function publicFailure(error: unknown): unknown {
  const told = asS3Error(error, { operation: "credentials" });
  if (error instanceof WireFailure && told instanceof Error) failures.set(told, error);
  return told;
}

/** The failure that an error is, or was made of by this copy of the package. */
export function failureBehind(error: unknown): WireFailure | undefined {
  if (error instanceof WireFailure) return error;
  return typeof error === "object" && error !== null ? failures.get(error) : undefined;
}
