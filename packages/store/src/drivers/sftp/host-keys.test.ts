import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fingerprintOf, hostKeysOf, knownHostsOf } from "./host-keys.ts";

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIOhK1s9eY3Cq3h0LzU8S5vC0wJm1v1nW4m0kqJmJzv5x";
const other = key.replace("OhK", "OhL");
const bytes = Buffer.from(key, "base64");
const server = { host: "files.example.org", port: 2222 };

function isKnown(line: string, { host, port } = server): boolean {
  return knownHostsOf(line, { host, port }).some((one) => !one.isRevoked && one.key.equals(bytes));
}

function hashOf(name: string, salt: string): string {
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64");
}

test.each([
  [`[files.example.org]:2222 ssh-ed25519 ${key}`, true],
  [`other,[files.example.org]:2222 ssh-ed25519 ${key} a comment`, true],
  [`[*.EXAMPLE.org]:2222 ssh-ed25519 ${key}`, true],
  [`[files?example.org]:2222 ssh-ed25519 ${key}`, true],
  [`*,![files.example.org]:2222 ssh-ed25519 ${key}`, false],
  [`files.example.org ssh-ed25519 ${key}`, false],
  [`[filesXexample.org]:2222 ssh-ed25519 ${key}`, false],
  [`[files.example.org]:2222 ssh-ed25519 ${other}`, false],
  [`# [files.example.org]:2222 ssh-ed25519 ${key}`, false],
  [`@revoked * ssh-ed25519 ${key}`, false],
  [`@cert-authority * ssh-ed25519 ${key}`, false],
  ["", false],
])("of known_hosts, %j knows the server: %s", (line, expected) => {
  expect(isKnown(line)).toBe(expected);
});

test("a hashed name of known_hosts is the name's, and that of no other", () => {
  // As `ssh-keygen -H` writes it of `[files.example.org]:2222`.
  const salt = "c2FsdHNhbHRzYWx0c2FsdHM=";
  const line = `|1|${salt}|${hashOf("[files.example.org]:2222", salt)} ssh-ed25519 ${key}`;
  expect(isKnown(line)).toBe(true);
  expect(isKnown(line, { host: "files.example.com", port: 2222 })).toBe(false);
  expect(isKnown(`|1|${salt}|short ssh-ed25519 ${key}`)).toBe(false);
});

test("a key is accepted by its fingerprint or by the file, and a revoked one by neither", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-sftp-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const knownHosts = join(folder, "known_hosts");
  const options = { ...server, username: "ada" };
  const accepts = async (more: object): Promise<boolean> =>
    (await hostKeysOf({ ...options, ...more })).accepts(bytes);
  expect(await accepts({})).toBe(false);
  expect(await accepts({ hostKey: fingerprintOf(bytes) })).toBe(true);
  expect(await accepts({ hostKey: [`${fingerprintOf(bytes)}x`, ""] })).toBe(false);
  await writeFile(knownHosts, `[files.example.org]:2222 ssh-ed25519 ${key}\n`);
  expect(await accepts({ knownHosts })).toBe(true);
  expect((await hostKeysOf({ ...options, knownHosts })).types).toEqual(["ssh-ed25519"]);
  await writeFile(knownHosts, `@revoked * ssh-ed25519 ${key}\n`);
  expect(await accepts({ knownHosts, hostKey: fingerprintOf(bytes) })).toBe(false);
  await rm(knownHosts);
  await expect(accepts({ knownHosts })).rejects.toMatchObject({ kind: "forbidden" });
});
