import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { catalogue } from "@holdfast/protocol";
import * as store from "../index.ts";
import { about } from "./about.ts";
import { DriverFailure, type FailureKind } from "./driver-failure.ts";
import { RemoteStoreError } from "./remote-store-error.ts";
import { toStoreError, type FailedCall } from "./to-store-error.ts";

const call: FailedCall = { operation: "read", backend: "s3", path: "a/b" };

/** What each kind is to a caller, as the specification and the docs of the added classes say. */
const expected: Readonly<Record<FailureKind, string>> = {
  aborted: "Aborted",
  "already-exists": "AlreadyExists",
  cancelled: "BackendUnavailable",
  closed: "Closed",
  conflict: "RemoteStoreError",
  forbidden: "PermissionDenied",
  integrity: "IntegrityError",
  "invalid-path": "InvalidPath",
  "invalid-request": "RemoteStoreError",
  locked: "ResourceLocked",
  modified: "ModifiedDuringRead",
  "not-empty": "DirectoryNotEmpty",
  "not-found": "NotFound",
  "not-modified": "PreconditionFailed",
  "precondition-failed": "PreconditionFailed",
  "quota-exceeded": "QuotaExceeded",
  redirect: "BackendUnavailable",
  "source-failed": "SourceFailed",
  throttled: "Throttled",
  timeout: "BackendUnavailable",
  unauthenticated: "PermissionDenied",
  unavailable: "BackendUnavailable",
  "under-file": "NotFound",
  unknown: "RemoteStoreError",
  unsupported: "CapabilityNotSupported",
  "wrong-type": "InvalidPath",
};

const kinds: readonly string[] = Object.keys(expected);

const classes = Object.values(store).filter(
  (one): one is typeof RemoteStoreError =>
    typeof one === "function" && one.prototype instanceof RemoteStoreError,
);

function isKind(kind: string): kind is FailureKind {
  return kinds.includes(kind);
}

test.each(kinds)("a failure that is %s has its class, a sentence and its context", (kind) => {
  if (!isKind(kind)) throw new Error(kind);
  const error = toStoreError({ kind, retryAfter: 2, cause: new Error("root") }, call);
  expect(error.name).toBe(expected[kind]);
  expect(error.message).toMatch(/^[A-Z].*\.$/);
  expect(error).toMatchObject({ ...call, retryAfter: 2, cause: new Error("root") });
});

test("every category of the catalogue's rows has its row here", () => {
  const categories = new Set(Object.values(catalogue).map(({ category }) => category));
  expect([...categories].filter((category) => !kinds.includes(category))).toEqual([]);
  expect(categories.size).toBeGreaterThan(10);
});

test("two kinds depend on the operation: a condition that meant to create, and a file above what is written", () => {
  const creates = { ...call, writes: true, creates: true };
  expect(toStoreError({ kind: "precondition-failed" }, creates).name).toBe("AlreadyExists");
  expect(toStoreError({ kind: "under-file" }, creates).name).toBe("InvalidPath");
});

test("only what can pass by itself is retryable, unless the driver knows better", () => {
  const retryable = kinds.filter((kind) => isKind(kind) && toStoreError({ kind }, call).retryable);
  expect(retryable).toEqual(["throttled", "timeout", "unavailable"]);
  expect(toStoreError({ kind: "unavailable", retryable: false }, call).retryable).toBe(false);
  expect(toStoreError({ kind: "conflict", retryable: true }, call).retryable).toBe(true);
});

test("ERR-001: every error is a RemoteStoreError with path and backend", () => {
  expect(classes).toHaveLength(16);
  for (const one of classes) {
    const error: RemoteStoreError = new one("m", fieldsOf());
    expect(error).toBeInstanceOf(RemoteStoreError);
    expect(error).toMatchObject({ path: "p", backend: "b" });
    expect(new RemoteStoreError("m").path).toBeUndefined();
  }
});

test("ERR-004: PermissionDenied has path and backend, for credentials as for rights", () => {
  for (const kind of ["forbidden", "unauthenticated"] as const) {
    const error = toStoreError({ kind }, call);
    expect(store.PermissionDenied.is(error)).toBe(true);
    expect(error).toMatchObject({ path: "a/b", backend: "s3", retryable: false });
  }
});

test("ERR-006: CapabilityNotSupported names the capability", () => {
  const error = toStoreError({ kind: "unsupported", capability: "atomic_write" }, call);
  expect(error).toMatchObject({ name: "CapabilityNotSupported", capability: "atomic_write" });
  const asked = toStoreError({ kind: "unsupported" }, { ...call, capability: "copy" });
  expect(asked).toMatchObject({ capability: "copy" });
});

test("ERR-007: BackendUnavailable has the backend", () => {
  const error = toStoreError({ kind: "unavailable" }, call);
  expect(error).toMatchObject({ name: "BackendUnavailable", backend: "s3", retryable: true });
});

test("ERR-008: every class is directly beneath RemoteStoreError and no other", () => {
  for (const one of classes) expect(Object.getPrototypeOf(one)).toBe(RemoteStoreError);
});

test("ERR-009: text and inspection say the name, the message and every attribute that is set", () => {
  const error = new store.NotFound("File not found", { path: "data/\nfile.txt", backend: "s3" });
  expect(String(error)).toBe(
    'NotFound: File not found | path="data/\\nfile.txt" | backend="s3" | retryable=false | ambiguous=false',
  );
  expect(inspect(error)).toContain("NotFound: File not found");
  expect(inspect(error)).toMatch(/path: .*\s+backend: 's3'/);
  const locked = new store.ResourceLocked("held", { lockOwner: "ann", operation: "write" });
  expect(String(locked)).toContain(
    'operation="write" | retryable=false | ambiguous=false | lockOwner="ann"',
  );
  const lacking = new store.CapabilityNotSupported("no", { capability: "copy", retryAfter: 3 });
  expect(String(lacking)).toContain('retryAfter=3 | ambiguous=false | capability="copy"');
  expect(inspect({ deep: { er: { error } } }, { depth: 1 })).toContain("[Object]");
  expect(new store.NotFound("").message).not.toBe("");
});

test("ERR-013: ResourceLocked has path, backend and who holds it, and is not retried", () => {
  const error = toStoreError({ kind: "locked", lockOwner: "ann" }, call);
  const context = { path: "a/b", backend: "s3", lockOwner: "ann", retryable: false };
  expect(error).toMatchObject({ name: "ResourceLocked", ...context });
  expect(toStoreError({ kind: "locked" }, call)).toMatchObject({ lockOwner: undefined });
});

test("what the service said of itself goes with the error into logs, and so does doubt", () => {
  const said = { code: "SlowDown", status: 503, requestId: "r-1", ambiguous: true };
  const error = toStoreError({ kind: "throttled", ...said }, call);
  expect(error).toMatchObject(said);
  expect(error.toJSON()).toMatchObject(said);
  expect(inspect(error)).toMatch(/code: 'SlowDown',\s+status: 503,\s+requestId: 'r-1',/);
  expect(String(error)).toContain(
    'code="SlowDown" | status=503 | requestId="r-1" | ambiguous=true',
  );
  expect(toStoreError({ kind: "throttled" }, call)).toMatchObject({ ambiguous: false });
  const refined = about(new DriverFailure({ kind: "not-found", ...said }), "p", "wrong-type");
  expect(toStoreError(refined, call)).toMatchObject({ ...said, name: "InvalidPath", path: "p" });
});

test("a cause is kept as it is, and of it a log shows its name and code alone", () => {
  const cause = Object.assign(new Error("password=hunter2"), { code: "EACCES" });
  const error = toStoreError({ kind: "forbidden", cause }, call);
  expect(error.cause).toBe(cause);
  const shown = inspect(error) + JSON.stringify(error) + String(error);
  expect(shown).not.toContain("hunter2");
  expect(error.toJSON()["cause"]).toEqual({ name: "Error", code: "EACCES" });
});

test("an error of another copy of the package is known for what it is", async () => {
  vi.resetModules();
  const copy = await import("./classes.ts");
  const other = new copy.NotFound("m");
  expect(other).not.toBeInstanceOf(store.NotFound);
  expect(store.NotFound.is(other)).toBe(true);
  expect(RemoteStoreError.is(other)).toBe(true);
  expect(store.InvalidPath.is(other)).toBe(false);
  for (const value of [undefined, null, "x", new Error("m"), { name: "NotFound" }]) {
    expect(RemoteStoreError.is(value)).toBe(false);
  }
});

function fieldsOf(): store.CapabilityErrorFields {
  return { path: "p", backend: "b", capability: "c" };
}
