import { createHash } from "node:crypto";
import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { signRequest, SigningKeys } from "@holdfast/protocol";
import { region, rootCredential } from "./root-credential.ts";

interface S3Call {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly now?: number;
}

export interface S3Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The smallest client that can talk to an S3 endpoint. It repeats nothing and forgives nothing. */
export interface S3Client {
  /** Rejects when the connection breaks before the whole answer is there: the outcome is unknown. */
  send(call: S3Call): Promise<S3Reply>;
  close(): void;
}

const keys = new SigningKeys();

/** The headers of a request that is signed with the hash of its body. */
function signedHeaders(port: number, call: S3Call): Record<string, string> {
  const { method, target, body = Buffer.alloc(0), now = Date.now() } = call;
  const length = body.length > 0 || method === "PUT" || method === "POST";
  const headers = {
    host: `127.0.0.1:${port}`,
    ...(length ? { "content-length": String(body.length) } : {}),
    ...call.headers,
  };
  return signRequest(
    { method, target, headers },
    {
      credentials: rootCredential,
      region,
      now,
      keys,
      payload: createHash("sha256").update(body).digest("hex"),
    },
  );
}

/** A client over keep-alive connections of its own. */
export function connectS3(port: number, connectionsMax: number): S3Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  return {
    send: (call) =>
      new Promise((resolve, reject) => {
        const { method, target, body } = call;
        const outgoing = request(
          {
            host: "127.0.0.1",
            port,
            agent,
            method,
            path: target,
            headers: signedHeaders(port, call),
          },
          (incoming) => {
            const pieces: Buffer[] = [];
            incoming.on("data", (piece: Buffer) => pieces.push(piece));
            incoming.once("error", reject);
            incoming.once("end", () =>
              resolve({
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                body: Buffer.concat(pieces),
              }),
            );
          },
        );
        outgoing.once("error", reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}
