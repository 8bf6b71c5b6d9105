import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import ssh2, { type AuthContext, type ServerChannel } from "ssh2";
import { keyPair } from "./key-pair.ts";
import { PacketReader, PacketSplitter, string, uint32 } from "./packet.ts";
import {
  extensions,
  requests,
  SftpFiles,
  statusOfError,
  type FileSystemState,
  type Reply,
} from "./sftp-files.ts";

/**
 * What happens to a request: the connection is cut before or after it is done, it is not answered, it is refused or said
 * to be done, or it is answered with something else.
 */
export type Verdict =
  | "cut-before"
  | "cut-after"
  | "stall"
  | { readonly status: number }
  | { readonly reply: Reply }
  | undefined;

/** How a server is. */
export interface SftpServerOptions {
  /** Where sessions begin. */
  readonly home: string;
  /** Which of OpenSSH's extensions it has; all of them by default. */
  readonly extensions?: readonly string[];
}

/** Who may log in. */
export const login = { username: "ada", password: "correct horse" } as const;

const hostKey = keyPair();

/**
 * A server in this process: SSH by the same library as the client's, SFTP by itself over real files, with OpenSSH's
 * statuses, order and extensions.
 */
export class SftpServer {
  readonly #options: SftpServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<SftpFiles>();
  readonly #listener = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  /** How often each request came. */
  readonly counts = new Map<string, number>();
  /** How many connections there were. */
  connectionCount = 0;
  /** Decides about each request. */
  verdict: (request: string, count: number) => Verdict = () => undefined;
  /** What is said of the file system instead of the truth. */
  fileSystem: Partial<FileSystemState> = {};
  /** Whether anyone may log in; `later` if that is said by the context itself. */
  acceptsLogin: (context: AuthContext) => boolean | "later" = (context) =>
    context.method === "password" &&
    context.username === login.username &&
    context.password === login.password;

  constructor(options: SftpServerOptions) {
    this.#options = options;
  }

  static async start(options: SftpServerOptions): Promise<SftpServer> {
    const server = new SftpServer(options);
    await new Promise<void>((resolve) => server.#listener.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** How to reach it. */
  get address(): { readonly host: string; readonly port: number } {
    const address: AddressInfo | string | null = this.#listener.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return { host: "127.0.0.1", port: address.port };
  }

  /** Its key as `known_hosts` has it. */
  get publicKey(): string {
    return hostKey.public.trim();
  }

  /** Its key as `ssh-keygen -lf` prints it. */
  get fingerprint(): string {
    const key = Buffer.from(hostKey.public.split(" ")[1] ?? "", "base64");
    return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** How many files and directories are open. */
  get openHandles(): number {
    return [...this.#sessions].reduce((sum, { openCount }) => sum + openCount, 0);
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.#listener, "close");
    this.#listener.close();
    this.cut();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connectionCount += 1;
    this.#sockets.add(socket);
    socket.on("error", ignore).on("close", () => this.#sockets.delete(socket));
    const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
      client.on("error", ignore);
      client.on("authentication", (context) => {
        const isAccepted = this.acceptsLogin(context);
        if (isAccepted === true) context.accept();
        else if (isAccepted === false)
          context.reject(["password", "publickey", "keyboard-interactive"]);
      });
      client.on("session", (accept) => {
        const session = accept();
        session.on("subsystem", (acceptChannel, reject, { name }) => {
          if (name === "sftp") this.#serve(acceptChannel(), socket);
          else reject();
        });
      });
    });
    server.injectSocket(socket);
  }

  #serve(channel: ServerChannel, socket: Socket): void {
    const files = new SftpFiles(this.#options.home, () => this.fileSystem);
    const packets = new PacketSplitter();
    let last = Promise.resolve();
    this.#sessions.add(files);
    channel.on("error", ignore).on("data", (bytes: Buffer) => {
      for (const packet of packets.add(Buffer.from(bytes))) {
        last = last.then(() => this.#answer(files, Buffer.from(packet), { channel, socket }));
      }
    });
    socket.on("close", () => {
      last = last
        .then(() => files.closeAll())
        .finally(() => {
          this.#sessions.delete(files);
        });
    });
  }

  async #answer(
    files: SftpFiles,
    packet: Buffer,
    { channel, socket }: { readonly channel: ServerChannel; readonly socket: Socket },
  ): Promise<void> {
    if (socket.destroyed) return;
    const reader = new PacketReader(packet);
    const type = reader.uint8();
    const id = reader.uint32();
    if (type === 1) return void channel.write(this.#greeting());
    const [name, handler] = this.#requestOf(type, reader);
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    const verdict = this.verdict(name, count);
    if (verdict === "stall") return;
    if (verdict === "cut-before") return void socket.destroy();
    const reply =
      typeof verdict === "object"
        ? replyOf(verdict)
        : await handler(files, reader).catch((error: unknown) => statusOfError(error));
    if (verdict === "cut-after") return void socket.destroy();
    if (!socket.destroyed) channel.write(packetOf(id, reply));
  }

  #requestOf(type: number, reader: PacketReader): (typeof requests)[number] {
    if (type !== 200) return requests[type] ?? ["unknown", unsupported];
    const name = reader.text();
    const extension = this.#announced().includes(name) ? extensions[name] : undefined;
    return [name, extension?.[1] ?? unsupported];
  }

  #greeting(): Buffer {
    const announced = this.#announced().flatMap((name) => [
      string(name),
      string(extensions[name]?.[0] ?? ""),
    ]);
    return framed(Buffer.concat([Buffer.from([2]), uint32(3), ...announced]));
  }

  #announced(): readonly string[] {
    return this.#options.extensions ?? Object.keys(extensions);
  }
}

async function unsupported(): Promise<Reply> {
  return 8;
}

function replyOf(verdict: Exclude<Verdict, string | undefined>): Reply {
  return "reply" in verdict ? verdict.reply : verdict.status;
}

function packetOf(id: number, reply: Reply): Buffer {
  const { type, payload } =
    typeof reply === "object"
      ? reply
      : { type: 101, payload: Buffer.concat([uint32(reply), string(""), string("")]) };
  return framed(Buffer.concat([Buffer.from([type]), uint32(id), payload]));
}

function framed(packet: Buffer): Buffer {
  return string(packet);
}

function ignore(): void {}
