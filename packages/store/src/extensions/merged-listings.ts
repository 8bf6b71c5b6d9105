import type { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import type { FileInfo } from "../kernel/results.ts";
import { comparePaths } from "./path-order.ts";

/** What two listings have at one path: the one, the other, or both. */
export interface MergedFile {
  readonly path: string;
  readonly source?: FileInfo | undefined;
  readonly target?: FileInfo | undefined;
}

type Files = AsyncGenerator<FileInfo, void, undefined>;

/** Two listings in one, in their order, with an entry of each in memory. One that is out of order fails. */
export async function* mergedListings(sources: Files, targets: Files): AsyncGenerator<MergedFile> {
  const [left, right] = [new Head(sources), new Head(targets)];
  try {
    await Promise.all([left.advance(), right.advance()]);
    for (;;) {
      const [source, target] = [left.current, right.current];
      const order = orderOf(source, target);
      if (order === undefined) return;
      const path = (order <= 0 ? source?.path : target?.path) ?? "";
      yield {
        path,
        source: order <= 0 ? source : undefined,
        target: order >= 0 ? target : undefined,
      };
      if (order <= 0) await left.advance();
      if (order >= 0) await right.advance();
    }
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
}

/** Which of two comes first: negative for the one, positive for the other; undefined if there is neither. */
function orderOf(one: FileInfo | undefined, other: FileInfo | undefined): number | undefined {
  if (one === undefined) return other === undefined ? undefined : 1;
  return other === undefined ? -1 : comparePaths(one.path, other.path);
}

/** The same listing, which fails as soon as it is out of order: to go on would take a file for missing that is late. */
export async function* inOrder(files: Files): Files {
  let before: string | undefined;
  for await (const file of files) {
    if (before !== undefined && comparePaths(file.path, before) <= 0) throw outOfOrder(file.path);
    before = file.path;
    yield file;
  }
}

/** A listing one entry at a time. */
class Head {
  current: FileInfo | undefined;
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = inOrder(files);
  }

  async advance(): Promise<void> {
    const step = await this.#files.next();
    this.current = step.done === true ? undefined : step.value;
  }

  async end(): Promise<void> {
    await this.#files.return();
  }
}

function outOfOrder(path: string): RemoteStoreError {
  const message = "The listing is out of order.";
  return toStoreError(
    { kind: "integrity", message },
    { operation: "listFiles", backend: "", path },
  );
}
