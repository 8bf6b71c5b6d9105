import type { Answer } from "./exchange.ts";
import { badGateway } from "./upstream-errors.ts";
import { responseHeaders } from "./response-headers.ts";

/** The head of an upstream's answer, read for a client. */
export class AnswerHead {
  readonly status: number;
  readonly #values = new Map<string, string>();

  /** `BadGateway` when a header that goes on stands there twice with two values: which one would it be? */
  constructor({ status, headers }: Pick<Answer, "status" | "headers">) {
    this.status = status;
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index] ?? "";
      const value = headers[index + 1] ?? "";
      const known = this.#values.get(name);
      if (known !== undefined && known !== value && isForwarded(name)) {
        throw badGateway("upstream_malformed");
      }
      this.#values.set(name, value);
    }
  }

  value(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Bytes of the body; undefined when the head does not say. */
  get contentLength(): number | undefined {
    const value = this.#values.get("content-length");
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  }

  /** The headers that go on to the client as they came. */
  forwarded(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, value] of this.#values) {
      if (isForwarded(name)) headers[name] = value;
    }
    return headers;
  }
}

function isForwarded(name: string): boolean {
  return responseHeaders.find(name).fate === "forwarded";
}
