/** Some of the bytes of a body: those after the first ones, and as many as there may be. The rest is not fetched. */
export function cutBody(
  body: AsyncIterable<Uint8Array>,
  { skip, take }: { readonly skip: number; readonly take: number },
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]();
      let at = 0;
      return {
        async next(): Promise<IteratorResult<Uint8Array>> {
          while (at < skip + take) {
            const step = await pieces.next();
            if (step.done === true) return step;
            const from = Math.max(0, skip - at);
            const part = step.value.subarray(from, skip + take - at);
            at += step.value.byteLength;
            if (part.byteLength > 0) return { done: false, value: part };
          }
          await pieces.return?.();
          return { done: true, value: undefined };
        },
        async return(): Promise<IteratorResult<Uint8Array>> {
          await pieces.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
