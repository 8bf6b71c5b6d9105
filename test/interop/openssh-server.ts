import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { keyPair } from "../store/sftp/key-pair.ts";
import { freePort } from "./free-port.ts";

/** Debian's OpenSSH server on loopback, and how to log in. */
export interface OpenSshServer {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  readonly hostKey: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server of its own keys and settings, which reads nothing of the machine's. */
export async function startOpenSsh(directory: string): Promise<OpenSshServer> {
  const host = "127.0.0.1";
  const port = await freePort();
  const hostKeys = keyPair();
  const login = keyPair();
  const files = {
    host_key: hostKeys.private,
    authorized_keys: login.public,
    sshd_config: [
      `ListenAddress ${host}:${port}`,
      `HostKey ${join(directory, "host_key")}`,
      `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
      "Subsystem sftp /usr/lib/openssh/sftp-server",
      "",
    ].join("\n"),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text, { mode: 0o600 });
  }
  // The server parts with its privileges there, if it has any; a booted system makes it.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(directory, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-4000);
  });
  const kill = (): void => void child.kill();
  process.once("exit", kill);
  while (!(await accepts(host, port))) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    await after(50);
  }
  return {
    host,
    port,
    username: userInfo().username,
    privateKey: login.private,
    hostKey: fingerprintOf(hostKeys.public),
    async stop() {
      process.off("exit", kill);
      const closed = once(child, "close");
      child.kill();
      await closed;
    },
  };
}

function fingerprintOf(publicKey: string): string {
  const key = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
