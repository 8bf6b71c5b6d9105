import { Events } from "../tracing/events.ts";
import type { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { WireFailureFields } from "../errors/wire-failure.ts";
import type { Answer, Call, Connection } from "../request/call.ts";
import { toAnswer, type ScriptedAnswer } from "./sdk-differential.test.support.ts";

/** What becomes of a call: an answer, or a failure as the send loop would report it. */
export type Reply = ScriptedAnswer | { readonly failure: WireFailureFields };

/** A connection that replies as a function says, and keeps the calls. */
export function replying(
  reply: (call: Call, index: number) => Reply,
): Connection & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    events: new Events(),
    send(call): Promise<Answer> {
      calls.push(call);
      const made = reply(call, calls.length - 1);
      if ("failure" in made) return Promise.reject(failed(made.failure, call));
      return Promise.resolve(toAnswer(made, call));
    },
  };
}

function failed(failure: WireFailureFields, { operation, bucket, key }: Call): S3Error {
  return toS3Error(failure, {
    context: { operation, bucket, key },
    history: [{ attempt: 1, errorCode: failure.code, statusCode: failure.status }],
    ambiguous: false,
  });
}

/** The text of a call's body. */
export function bodyText({ body }: Call): string {
  const bytes = body?.open();
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : "";
}
