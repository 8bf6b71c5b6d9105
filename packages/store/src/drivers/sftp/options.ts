/** Where an SFTP server is, who asks it, and by what the server is known. */
export interface SftpDriverOptions {
  readonly host: string;
  /** 22 by default. */
  readonly port?: number | undefined;
  readonly username: string;
  /** Also the answer to a server that asks for it by keyboard. */
  readonly password?: string | undefined;
  /** The key itself, in OpenSSH's form or as PEM. */
  readonly privateKey?: string | undefined;
  /** Of the private key. */
  readonly passphrase?: string | undefined;
  /** The socket of an SSH agent. */
  readonly agent?: string | undefined;
  /**
   * The fingerprint of the server's key, as `ssh-keygen -lf` prints it: `SHA256:` and 43 characters. Without this and
   * `knownHosts` no server is known, and an unknown one is refused.
   */
  readonly hostKey?: string | readonly string[] | undefined;
  /** A `known_hosts` file by its path, read when a connection is made. */
  readonly knownHosts?: string | undefined;
  /** A directory of the server, which has to be there: by default, or if it is relative, where a session begins. */
  readonly root?: string | undefined;
  /**
   * What the server can do. `openssh`, the default: it has `posix-rename@openssh.com` and `hardlink@openssh.com`, without
   * which it is refused. `sftp3`: nothing beyond version 3 of the protocol; then writes are not atomic, and while a file
   * is replaced there is a moment without it.
   */
  readonly server?: "openssh" | "sftp3" | undefined;
  /** For a connection with its authentication; 10,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** For a server that owes answers and gives none; 60,000 by default. */
  readonly replyTimeoutMs?: number | undefined;
  /** How often a quiet connection is tried, and given up after three tries; 15,000 by default, 0 for never. */
  readonly keepaliveMs?: number | undefined;
  /** After how long a connection that nobody uses is closed; 30,000 by default, 0 for never. */
  readonly idleMs?: number | undefined;
}
