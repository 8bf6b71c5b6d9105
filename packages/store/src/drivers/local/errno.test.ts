import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { toStoreError } from "../../errors/to-store-error.ts";
import { failureOfErrno } from "./errno.ts";

function errorOf(code: string | undefined): { readonly name: string; readonly retryable: boolean } {
  const error = Object.assign(
    new Error("said ENOENT by its text"),
    code === undefined ? {} : { code },
  );
  const made = toStoreError(failureOfErrno(error), { operation: "read", backend: "local" });
  expect(made.cause).toBe(error);
  return made;
}

test.each([
  ["EACCES", "PermissionDenied", false],
  ["EROFS", "PermissionDenied", false],
  ["ENOSPC", "QuotaExceeded", false],
  ["EDQUOT", "QuotaExceeded", false],
  ["EIO", "BackendUnavailable", false],
  ["ESTALE", "BackendUnavailable", true],
  ["EMFILE", "Throttled", true],
  ["ETXTBSY", "ResourceLocked", false],
  ["ENAMETOOLONG", "InvalidPath", false],
  ["ENOTEMPTY", "DirectoryNotEmpty", false],
  ["constructor", "RemoteStoreError", false],
  ["EXDEV", "RemoteStoreError", false],
  [undefined, "RemoteStoreError", false],
])("%s is %s, by its code alone", (code, name, retryable) => {
  expect(errorOf(code)).toMatchObject({ name, retryable });
});

test("the file system's own rejections are read as they come", async () => {
  const missing = await readFile("/no/such").catch((error: unknown) => failureOfErrno(error));
  expect(missing).toMatchObject({ kind: "not-found" });
  const file = await readdir(import.meta.filename).catch((error: unknown) => failureOfErrno(error));
  expect(file).toMatchObject({ kind: "under-file" });
});
