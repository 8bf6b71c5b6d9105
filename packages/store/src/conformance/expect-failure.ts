import assert from "node:assert/strict";
import { RemoteStoreError } from "../errors/remote-store-error.ts";

/** What an error has to carry. */
export interface ExpectedFailure {
  readonly is: { readonly prototype: RemoteStoreError };
  readonly path?: string;
  readonly operation?: string;
  readonly cause?: unknown;
}

/** The error that the work fails with, which has to be of the class and carry what is expected, a message and a backend. */
export async function expectFailure(
  work: PromiseLike<unknown>,
  expected: ExpectedFailure,
): Promise<RemoteStoreError> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    return checked(error, expected);
  }
  return assert.fail(`it succeeded: ${String(result)}`);
}

function checked(error: unknown, expected: ExpectedFailure): RemoteStoreError {
  if (!RemoteStoreError.is(error)) throw error;
  const { name } = expected.is.prototype;
  assert.equal(error.name, name, `${error.toString()} is no ${name}`);
  assert.notEqual(error.message, "");
  assert.notEqual(error.backend, undefined);
  for (const field of ["path", "operation", "cause"] as const) {
    if (field in expected) assert.equal(error[field], expected[field]);
  }
  return error;
}

/** Everything that is iterated over. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
