import { connect, isIP, type OnReadOpts, type Socket } from "node:net";
import type { ConnectionOptions, SecureContext, TLSSocket } from "node:tls";

/** Where connections go, and whom they trust. */
export interface SocketPlace {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca: string | readonly string[] | undefined;
}

/** How long a connection is silent before the system asks whether the other side is there, in milliseconds. */
const probeMs = 1_000;

/** Opens connections to one place, over TLS with what an earlier one agreed on. */
export class SocketOpener {
  readonly #place: SocketPlace;
  #context: SecureContext | undefined;
  #session: Buffer | undefined;

  constructor(place: SocketPlace) {
    this.#place = place;
  }

  /** Begins to connect; what comes is read into `onread`'s buffers. */
  open(onread: OnReadOpts): Socket {
    const { secure, hostname: host, port } = this.#place;
    const socket = secure ? this.#openSecure(onread) : connect({ host, port, onread });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, probeMs);
    return socket;
  }

  #openSecure(onread: OnReadOpts): TLSSocket {
    const { hostname: host, port, ca } = this.#place;
    // Who speaks plain HTTP need not load it.
    const tls = process.getBuiltinModule("node:tls");
    this.#context ??= tls.createSecureContext({
      ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    });
    const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
      host,
      port,
      onread,
      // An address is no name that a server could be asked for by.
      servername: isIP(host) === 0 ? host : "",
      secureContext: this.#context,
      ALPNProtocols: ["http/1.1"],
      ...(this.#session !== undefined && { session: this.#session }),
    };
    const socket = tls.connect(options);
    socket.on("session", (session) => (this.#session = session));
    // What was agreed on then may be why it fails now.
    socket.on("error", () => (this.#session = undefined));
    return socket;
  }
}
