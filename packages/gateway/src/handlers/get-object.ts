import type { OpenObject } from "@holdfast/engine";
import type { ReplyStream } from "../context.ts";
import { describeObject } from "./describe-object.ts";
import type { Handler } from "./handler.ts";

/** Sends an object, or the range or part of it that was asked for. */
export const getObject: Handler = async (request, engine) => {
  const object = await engine.openObject(request.bucket, request.key);
  try {
    const { status, headers, range, length } = describeObject(request, object.info);
    if (object.bytes !== undefined && length > 0) {
      const { start, end } = range ?? { start: 0, end: length - 1 };
      await object.close();
      return { status, headers, body: object.bytes.subarray(start, end + 1) };
    }
    return { status, headers, body: await startStream(object, { range, length }) };
  } catch (error) {
    await object.close();
    throw error;
  }
};

/** Rejects when the first bytes cannot be had: while the head is not out, that can still be said. */
async function startStream(
  object: OpenObject,
  { range, length }: { readonly range: Parameters<OpenObject["read"]>[0]; readonly length: number },
): Promise<ReplyStream> {
  const pieces = (length === 0 ? nothing() : object.read(range))[Symbol.asyncIterator]();
  const first = await pieces.next();
  return {
    length,
    async *read() {
      for (let step = first; step.done !== true; step = await pieces.next()) yield step.value;
    },
    async close() {
      try {
        await pieces.return?.();
      } finally {
        await object.close();
      }
    },
  };
}

async function* nothing(): AsyncGenerator<Buffer, void, undefined> {}
