import { choice, count, listOf, localPath, secret, text } from "../config/kind.ts";
import { SftpDriver } from "../drivers/sftp/sftp-driver.ts";
import { backendType } from "./backend-type.ts";

const milliseconds = count(1, " of milliseconds");
const millisecondsOrNever = count(0, " of milliseconds (0 for never)");

/** A directory of an SFTP server. The driver loads the package that it needs when it connects. */
export const sftpBackend = backendType({
  meaning:
    "The files of a directory of an SFTP server. Needs the package `ssh2`, which is installed on its own.",
  keys: {
    host: { kind: text, required: true, meaning: "The server's name or address." },
    port: { kind: count(1), default: "22", meaning: "The server's port." },
    username: { kind: text, required: true, meaning: "Who signs in." },
    password: {
      kind: secret,
      meaning: "The password, also for a server that asks for it by keyboard.",
    },
    privateKey: { kind: secret, meaning: "The key itself, in OpenSSH's form or as PEM." },
    passphrase: { kind: secret, meaning: "Opens the private key." },
    agent: { kind: text, meaning: "The socket of an SSH agent, which signs in." },
    hostKey: {
      kind: listOf(text),
      meaning:
        "The fingerprint of the server's key, as `ssh-keygen -lf` prints it. Either this or `knownHosts` has to be there.",
    },
    knownHosts: {
      kind: localPath,
      meaning: "A `known_hosts` file that has the server's key.",
    },
    root: {
      kind: text,
      default: "where a session begins",
      meaning:
        "The directory, which has to be there; a relative one is meant from where a session begins.",
    },
    server: {
      kind: choice(["openssh", "sftp3"]),
      default: "openssh",
      meaning:
        "What the server can do: OpenSSH's renaming and hard links, or nothing beyond version 3 of the protocol. Then " +
        "writes are not atomic.",
    },
    connectTimeoutMs: {
      kind: milliseconds,
      default: "10000",
      meaning: "To connect and sign in.",
    },
    replyTimeoutMs: {
      kind: milliseconds,
      default: "60000",
      meaning: "For a server that owes an answer.",
    },
    keepaliveMs: {
      kind: millisecondsOrNever,
      default: "15000",
      meaning: "How often a quiet connection is tried.",
    },
    idleMs: {
      kind: millisecondsOrNever,
      default: "30000",
      meaning: "After how long a connection that nobody uses is closed.",
    },
  },
  check({ hostKey, knownHosts }, at, problems) {
    if (hostKey !== undefined || knownHosts !== undefined) return;
    problems.add([...at, "hostKey"], "is missing, and so is knownHosts: no server would be known");
  },
  make({ password, privateKey, passphrase, ...options }) {
    return new SftpDriver({
      ...options,
      password: password?.reveal(),
      privateKey: privateKey?.reveal(),
      passphrase: passphrase?.reveal(),
    });
  },
});
