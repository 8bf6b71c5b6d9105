import type { Reply } from "../context.ts";

/** An answer whose body is a result document. */
export function xmlReply(document: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...headers },
    body: document,
  };
}
