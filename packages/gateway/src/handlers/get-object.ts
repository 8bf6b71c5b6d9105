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
    const stream = {
      length,
      read: () => (length === 0 ? nothing() : object.read(range)),
      close: () => object.close(),
    };
    return { status, headers, body: stream };
  } catch (error) {
    await object.close();
    throw error;
  }
};

async function* nothing(): AsyncGenerator<Buffer, void, undefined> {}
