import { createPrivateKey, X509Certificate } from "node:crypto";
import { open } from "node:fs/promises";
import type { TlsIdentity } from "@holdfast/gateway";
import { errorCode } from "../error-code.ts";
import { shellQuote } from "../shell-quote.ts";
import { ConfigError } from "./config-error.ts";
import type { Settings } from "./settings.ts";

type TlsSettings = Pick<Settings, "tls" | "tlsCertificate" | "tlsKey">;

/** What the listeners prove themselves with; undefined without TLS. Rejects with a `ConfigError` for what cannot be used. */
export async function readTls(settings: TlsSettings): Promise<TlsIdentity | undefined> {
  const certificateFile = settings.tlsCertificate ?? settings.tls.certificate;
  const keyFile = settings.tlsKey ?? settings.tls.key;
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined || keyFile === undefined) {
    const [is, misses] = keyFile === undefined ? ["certificate", "key"] : ["key", "certificate"];
    throw new ConfigError(
      `TLS has a ${is} and no ${misses}`,
      `name it with --tls-${misses}, or as tls.${misses} in the configuration file`,
    );
  }
  const certificate = await read(certificateFile, false);
  const key = await read(keyFile, true);
  if (isPair(certificate, key)) return { certificate, key };
  throw new ConfigError(
    `${keyFile} is not the key of the certificate in ${certificateFile}, or one of them is no PEM`,
    "name the certificate and its own key",
  );
}

function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

async function read(path: string, isSecret: boolean): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { mode } = await file.stat();
      if (isSecret && (mode & 0o007) !== 0) {
        throw new ConfigError(
          `${path} holds a private key and everybody may read it`,
          `run chmod 600 ${shellQuote(path)}`,
        );
      }
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(
      `${path} cannot be read (${errorCode(cause) ?? "unknown"})`,
      "name a file that the user who runs the server may read",
      { cause },
    );
  }
}
