import { connect as connectSocket, type Socket } from "node:net";
import type { Client, ConnectConfig, ServerHostKeyAlgorithm, SFTPWrapper } from "ssh2";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { untilAborted } from "../../kernel/until-aborted.ts";
import { fingerprintOf, hostKeysOf, type HostKeys } from "./host-keys.ts";
import { loadSsh2 } from "./load-ssh2.ts";
import type { SftpDriverOptions } from "./options.ts";
import { Session } from "./session.ts";
import { failureOfStatus } from "./status.ts";

/** Makes a connection whose server is the one that is known, and that accepts the caller. */
export async function connect(options: SftpDriverOptions, signal: AbortSignal): Promise<Session> {
  const { connectTimeoutMs = 10_000, replyTimeoutMs = 60_000 } = options;
  const timeout = AbortSignal.timeout(connectTimeoutMs);
  const ssh2 = await loadSsh2();
  const hostKeys = await hostKeysOf(options);
  const client = new ssh2.Client();
  const socket = connectSocket({ host: options.host, port: options.port ?? 22, noDelay: true });
  const ended = AbortSignal.any([signal, timeout]);
  try {
    await untilAborted(connected(socket), ended);
    await untilAborted(authenticated(client, { options, socket, hostKeys }), ended);
    const sftp = await untilAborted(channelOf(client), ended);
    return new Session({ socket, client, sftp, replyTimeoutMs });
  } catch (error) {
    client.on("error", ignore).destroy();
    socket.on("error", ignore).destroy();
    if (signal.aborted || !timeout.aborted) throw error;
    const message = "The server was not reached in time.";
    throw new DriverFailure({ kind: "timeout", message, cause: timeout.reason });
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) => reject(new DriverFailure({ kind: "unavailable", cause })));
  });
}

interface Introduction {
  readonly options: SftpDriverOptions;
  readonly socket: Socket;
  readonly hostKeys: HostKeys;
}

function authenticated(client: Client, { options, socket, hostKeys }: Introduction): Promise<void> {
  return new Promise((resolve, reject) => {
    let refused: DriverFailure | undefined;
    const fail = (cause?: Error & { readonly level?: string }): void => {
      // An agent that cannot be asked is one way less; the server's word comes later.
      if (cause?.level === "agent") return;
      reject(refused ?? new DriverFailure(failureOfHandshake(cause)));
    };
    client.once("ready", resolve);
    client.on("error", fail).on("close", () => fail());
    client.on("keyboard-interactive", (...parameters) => {
      const [, , , prompts, finish] = parameters;
      finish(prompts.map(({ echo }) => (echo === true ? "" : (options.password ?? ""))));
    });
    try {
      client.connect({
        ...credentialsOf(options),
        ...keepaliveOf(options),
        ...preferred(hostKeys),
        sock: socket,
        readyTimeout: 0,
        hostVerifier: (key: Buffer) => {
          const isKnown = hostKeys.accepts(key);
          if (!isKnown) refused = unknownServer(key);
          return isKnown;
        },
      });
    } catch (cause) {
      const message = "The credentials are of no form that can be used.";
      reject(new DriverFailure({ kind: "unauthenticated", message, cause }));
    }
  });
}

/** What the library says of it by its level; the rest are failures of the network. */
function failureOfHandshake(cause: (Error & { readonly level?: string }) | undefined): Failure {
  if (cause?.level === "client-authentication") return { kind: "unauthenticated", cause };
  return { kind: "unavailable", retryable: cause?.level !== "handshake", cause };
}

function unknownServer(key: Buffer): DriverFailure {
  const type = key.toString("latin1", 4, 4 + key.readUInt32BE(0));
  const message = `The server's ${type} key ${fingerprintOf(key)} is not one that it is known by.`;
  return new DriverFailure({ kind: "forbidden", message });
}

function credentialsOf(options: SftpDriverOptions): ConnectConfig {
  const { username, password, privateKey, passphrase, agent } = options;
  return {
    username,
    ...(password !== undefined && { password, tryKeyboard: true }),
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { passphrase }),
    ...(agent !== undefined && { agent }),
  };
}

function keepaliveOf({ keepaliveMs = 15_000 }: SftpDriverOptions): ConnectConfig {
  return { keepaliveInterval: keepaliveMs, keepaliveCountMax: 3 };
}

/** A server has keys of several types; it has to be asked for one of those that are known. */
function preferred({ types }: HostKeys): ConnectConfig {
  if (types === undefined || types.length === 0) return {};
  const all: readonly ServerHostKeyAlgorithm[] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ];
  const known = all.filter((one) => types.includes(one.startsWith("rsa-") ? "ssh-rsa" : one));
  return known.length === 0 ? {} : { algorithms: { serverHostKey: known } };
}

function channelOf(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.on("close", () => reject(new DriverFailure({ kind: "unavailable" })));
    client.sftp((error, sftp) => {
      if (error === undefined) return resolve(sftp);
      const message = "The server offers no SFTP.";
      const { cause } = failureOfStatus(error);
      reject(new DriverFailure({ kind: "unavailable", message, retryable: false, cause }));
    });
  });
}

function ignore(): void {}
