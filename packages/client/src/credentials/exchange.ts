import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import { ServiceFailure } from "./service-failure.ts";

/** A request to a service that hands out credentials. */
export interface ServiceRequest {
  readonly url: URL;
  readonly method: "GET" | "PUT" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For everything, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Certificates in PEM to trust instead of the usual ones. */
  readonly ca?: string | undefined;
}

/** What it answered. */
export interface ServiceAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

const answerBytesMax = 65_536;

/** Sends one request on a connection of its own: no proxy, no redirect. Rejects with a `ServiceFailure`. */
export function exchange(request: ServiceRequest): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    const { url, method, headers, body, timeoutMs, ca } = request;
    const options: RequestOptions = { method, headers, agent: false, ...(ca && { ca }) };
    const sending =
      url.protocol === "https:" ? httpsRequest(url, options) : httpRequest(url, options);
    const fail = (failure: ServiceFailure): void => {
      clearTimeout(timer);
      reject(failure);
      sending.destroy();
    };
    const timer = setTimeout(() => {
      fail(new ServiceFailure(`No whole answer within ${timeoutMs} ms.`));
    }, timeoutMs);
    sending.on("error", (cause) => {
      // What Node could not read as HTTP, which may be a secret.
      Reflect.deleteProperty(cause, "rawPacket");
      fail(new ServiceFailure("The exchange failed.", undefined, { cause }));
    });
    // Without an answer also after one that Node does not take for one, such as 101.
    const unanswered = (): void => fail(new ServiceFailure("The connection ended unanswered."));
    sending.on("close", unanswered);
    sending.on("response", (response) => {
      sending.off("close", unanswered);
      collect(response)
        .then((bytes) => resolve({ status: response.statusCode ?? 0, bytes }), fail)
        .finally(() => {
          clearTimeout(timer);
          sending.destroy();
        });
    });
    sending.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.length;
      if (length > answerBytesMax) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ServiceFailure("The answer broke off.", undefined, { cause });
  }
  if (length > answerBytesMax) {
    throw new ServiceFailure(`The answer has over ${answerBytesMax} bytes.`, response.statusCode);
  }
  return Buffer.concat(chunks, length);
}
