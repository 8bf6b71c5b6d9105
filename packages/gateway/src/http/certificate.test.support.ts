import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsIdentity } from "./tls.ts";

/** An identity for `localhost` and 127.0.0.1 that signs itself; undefined where there is no openssl to make one with. */
export function selfSigned(): TlsIdentity | undefined {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-certificate-"));
  const [keyFile, file] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const output = ["-keyout", keyFile, "-out", file, "-days", "2"];
  try {
    execFileSync("openssl", ["req", "-x509", ...shape, ...output, ...names], { stdio: "pipe" });
    return { certificate: readFileSync(file, "utf8"), key: readFileSync(keyFile, "utf8") };
  } catch {
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
