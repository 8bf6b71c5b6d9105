import type { Answer } from "./endpoint.ts";
import { badGateway } from "./upstream-errors.ts";
import { responseHeaders } from "./response-headers.ts";

/** The head of an upstream's answer, read for a client. */
export class AnswerHead {
  readonly status: number;
  /** The headers that go on to the client as they came. */
  readonly forwarded: Record<string, string> = {};
  readonly #values = new Map<string, string>();

  /** `BadGateway` when a header that goes on stands there twice with two values: which one would it be? */
  constructor({ status, headers }: Pick<Answer, "status" | "headers">) {
    this.status = status;
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index] ?? "";
      const value = headers[index + 1] ?? "";
      const isForwarded = responseHeaders.find(name).fate === "forwarded";
      if (isForwarded && (this.#values.get(name) ?? value) !== value) {
        throw badGateway("upstream_malformed");
      }
      this.#values.set(name, value);
      if (isForwarded) this.forwarded[name] = value;
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
}
