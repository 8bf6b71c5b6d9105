import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DriverFailure } from "../../errors/driver-failure.ts";
import type { SftpDriverOptions } from "./options.ts";

/** By what a server is known. */
export interface HostKeys {
  /** Whether this is a key of the server, in the protocol's form. */
  accepts(key: Buffer): boolean;
  /** Of which types the known keys are; undefined where only fingerprints are known. */
  readonly types?: readonly string[] | undefined;
}

interface KnownHost {
  readonly type: string;
  readonly key: Buffer;
  readonly isRevoked: boolean;
}

/** The keys that the options name for a server. */
export async function hostKeysOf(options: SftpDriverOptions): Promise<HostKeys> {
  const { host, port = 22, hostKey = [], knownHosts } = options;
  const fingerprints = new Set(typeof hostKey === "string" ? [hostKey] : hostKey);
  const known =
    knownHosts === undefined ? [] : knownHostsOf(await textOf(knownHosts), { host, port });
  const current = known.filter(({ isRevoked }) => !isRevoked);
  const revoked = known.filter(({ isRevoked }) => isRevoked);
  return {
    accepts(key) {
      if (isAmong(revoked, key)) return false;
      return fingerprints.has(fingerprintOf(key)) || isAmong(current, key);
    },
    types: fingerprints.size > 0 ? undefined : [...new Set(current.map(({ type }) => type))],
  };
}

function isAmong(hosts: readonly KnownHost[], key: Buffer): boolean {
  return hosts.some((one) => one.key.equals(key));
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The lines of a `known_hosts` file that are about a server. Certificate authorities are passed over. */
export function knownHostsOf(
  text: string,
  server: { readonly host: string; readonly port: number },
): readonly KnownHost[] {
  const { host, port } = server;
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
    const [names, type, key] = fields;
    if (names === undefined || type === undefined || key === undefined) return [];
    if (names.startsWith("#") || marker === "@cert-authority" || !isAbout(names, name)) return [];
    return [{ type, key: Buffer.from(key, "base64"), isRevoked: marker === "@revoked" }];
  });
}

function isAbout(names: string, name: string): boolean {
  if (names.startsWith("|1|")) return isHashOf(names, name);
  const patterns = names.toLowerCase().split(",");
  if (patterns.some((one) => one.startsWith("!") && matches(one.slice(1), name))) return false;
  return patterns.some((one) => matches(one, name));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, , salt = "", hash = ""] = hashed.split("|");
  const expected = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  const given = Buffer.from(hash, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A pattern of OpenSSH: `*` and `?`, and everything else as it is. */
function matches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) => {
    if (character === "*") return ".*";
    return character === "?" ? "." : `\\${character}`;
  });
  return new RegExp(`^${source}$`).test(name);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const message = "The file of known hosts cannot be read, so no server is known.";
    throw new DriverFailure({ kind: "forbidden", message, cause });
  }
}
