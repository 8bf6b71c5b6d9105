import { Readable } from "node:stream";

// It takes web streams too, which its type does not say (https://nodejs.org/api/stream.html#streamreadableisdisturbedstream).
const streams: { isDisturbed(stream: object): boolean } = Readable;

/** Iterators that were begun here. Of a stream the stream itself knows. */
const begun = new WeakSet<object>();

/** Whether anybody has read of a source that can be read only once. */
export function wasRead(source: object): boolean {
  if (source instanceof Readable || source instanceof ReadableStream) {
    return streams.isDisturbed(source);
  }
  return begun.has(source);
}

/** Remembers that `iterator` is being read, where it is its source itself, as a generator is. */
export function noteRead(source: object, iterator: object): void {
  if (iterator === source) begun.add(source);
}

/**
 * What is thrown of a source of which nothing is left because it was read before: taken for an empty one, it would be
 * stored as an empty object.
 */
export function readBefore(): TypeError {
  return new TypeError("the source can be read only once, and it was read before");
}
