import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureRootCredential, readRootCredential, rootCredentialPath } from "./root-credential.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-credential-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a new directory has none, and reading makes none", async () => {
  expect(await readRootCredential(directory)).toBeUndefined();
  expect(await readRootCredential(join(directory, "missing"))).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test("the first call makes it, mode 0600, and later ones give the same", async () => {
  const made = await ensureRootCredential(directory);
  expect(made.accessKeyId).toMatch(/^HF[A-Z2-7]{18}$/);
  expect(made.secretAccessKey).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(statSync(rootCredentialPath(directory)).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["root-credential.json"]);
  expect(await ensureRootCredential(directory)).toEqual(made);
  expect(await readRootCredential(directory)).toEqual(made);
});

test("two directories never share one", async () => {
  const other = join(directory, "other");
  mkdirSync(other);
  try {
    const [one, two] = [await ensureRootCredential(directory), await ensureRootCredential(other)];
    expect(one.accessKeyId).not.toBe(two.accessKeyId);
    expect(one.secretAccessKey).not.toBe(two.secretAccessKey);
  } finally {
    rmSync(other, { recursive: true });
  }
});

test.each([0o640, 0o604, 0o660, 0o644, 0o620])(
  "a file with mode %o is refused with how to mend it, and is left as it is",
  async (mode) => {
    await ensureRootCredential(directory);
    const path = rootCredentialPath(directory);
    chmodSync(path, mode);
    const refusal = `others may read it (mode 0${mode.toString(8)}): run chmod 600 ${path}`;
    await expect(readRootCredential(directory)).rejects.toThrow(refusal);
    await expect(ensureRootCredential(directory)).rejects.toThrow(refusal);
    expect(statSync(path).mode & 0o777).toBe(mode);
    chmodSync(path, 0o600);
    expect(await readRootCredential(directory)).toBeDefined();
  },
);

test.each([
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"accessKeyId":"abc"}',
  '{"accessKeyId":"abc","secretAccessKey":"short"}',
  '{"accessKeyId":"a b","secretAccessKey":"long enough"}',
  '{"accessKeyId":"abc","secretAccessKey":"long enough","more":1}',
  `{"accessKeyId":"abc","secretAccessKey":"${"x".repeat(9000)}"}`,
])("a damaged file (%#) is refused and not replaced", async (text) => {
  const path = rootCredentialPath(directory);
  writeFileSync(path, text, { mode: 0o600 });
  await expect(ensureRootCredential(directory)).rejects.toThrow("holds no root credential");
  expect(statSync(path).size).toBe(text.length);
});
