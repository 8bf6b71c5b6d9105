import { Readable } from "node:stream";
import type { WriteResult } from "../kernel/results.ts";
import type { Content } from "../kernel/source.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { Fixture } from "./cell.ts";

type Write = (path: string, content: Content, options?: WriteOptions) => Promise<WriteResult>;

/** Every way to write that the backend has, by one shape. */
export function waysToWrite({ store }: Fixture): readonly Write[] {
  const plain: Write = (path, content, options) => store.write(path, content, options);
  if (!store.supports("atomic_write")) return [plain];
  return [
    plain,
    (path, content, options) => store.writeAtomic(path, content, options),
    async (path, content, options) => {
      await using writer = await store.openAtomic(path, options);
      const source = content instanceof Uint8Array ? [content] : iterable(content);
      for await (const piece of source) await writer.write(piece);
      return writer.commit();
    },
  ];
}

function iterable(content: Content): AsyncIterable<Uint8Array> {
  return content instanceof Blob ? content.stream() : Readable.from(content);
}
