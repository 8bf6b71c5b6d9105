import type { AdminServer, Gateway } from "@holdfast/gateway";
import { ConfigError } from "../config/config-error.ts";
import { readTls } from "../config/read-tls.ts";
import type { Settings } from "../config/settings.ts";
import type { Terminal } from "../terminal.ts";

interface Listeners {
  readonly settings: Settings;
  readonly json: boolean;
  readonly gateway: Pick<Gateway, "renewTls">;
  readonly admin: Pick<AdminServer, "renewTls">;
}

/** Reads the certificate again whenever the process is told to; one that cannot be used is said, and changes nothing. */
export function renewTlsOnReload(listeners: Listeners, terminal: Terminal): () => Promise<void> {
  let renewing = Promise.resolve();
  const off = terminal.onReload?.(() => {
    renewing = renewing.then(() => renew(listeners, terminal));
  });
  return async () => {
    off?.();
    await renewing;
  };
}

async function renew(
  { settings, json, gateway, admin }: Listeners,
  terminal: Terminal,
): Promise<void> {
  try {
    const identity = await readTls(settings);
    if (identity === undefined) return;
    gateway.renewTls(identity);
    admin.renewTls(identity);
    if (json) terminal.out('{"event":"tls-renewed"}\n');
    else terminal.err("The certificate was read again.\n");
  } catch (cause) {
    const why = cause instanceof ConfigError ? cause.message : "the certificate cannot be used";
    terminal.err(`holdfast: the certificate stays as it was: ${why}\n`);
  }
}
