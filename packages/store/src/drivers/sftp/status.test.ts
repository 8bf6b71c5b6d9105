import { expect, test } from "vitest";
import { toStoreError } from "../../errors/to-store-error.ts";
import { failureOfStatus } from "./status.ts";

test.each([
  [1, "SSH_FX_EOF", "ModifiedDuringRead"],
  [2, "SSH_FX_NO_SUCH_FILE", "NotFound"],
  [3, "SSH_FX_PERMISSION_DENIED", "PermissionDenied"],
  [4, "SSH_FX_FAILURE", "RemoteStoreError"],
  [5, "SSH_FX_BAD_MESSAGE", "InvalidPath"],
  [6, "SSH_FX_NO_CONNECTION", "BackendUnavailable"],
  [7, "SSH_FX_CONNECTION_LOST", "BackendUnavailable"],
  [8, "SSH_FX_OP_UNSUPPORTED", "CapabilityNotSupported"],
  [99, undefined, "RemoteStoreError"],
  ["ENOENT", undefined, "RemoteStoreError"],
  [undefined, undefined, "RemoteStoreError"],
])("status %s is %s and %s, by its number alone", (number, code, name) => {
  const error = Object.assign(new Error("No such file"), number !== undefined && { code: number });
  const made = toStoreError(failureOfStatus(error), { operation: "read", backend: "sftp" });
  expect(made).toMatchObject({ name, cause: error });
  expect(made.code).toBe(code);
});
