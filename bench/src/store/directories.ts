import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const filesInFolder = 1000;

/** Directories for the local backends: one for each store, and one for each length of listing. */
export class Directories implements Disposable {
  readonly #above = mkdtempSync(join(tmpdir(), "holdfast-store-bench-"));

  /** A directory with a small file and a large one. */
  of(name: string): string {
    const directory = mkdtempSync(join(this.#above, `${name.replaceAll(/\W/g, "-")}-`));
    writeFileSync(join(directory, "small"), Buffer.alloc(1024, "s"));
    const large = join(this.#above, "large");
    writeFileSync(large, Buffer.alloc(64 * 1024 * 1024, "l"));
    linkSync(large, join(directory, "large"));
    return directory;
  }

  /** Makes so many files, a thousand in each folder. */
  fill(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const folder = join(this.#above, "lists", String(count), `f${(index / filesInFolder) | 0}`);
      if (index % filesInFolder === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${index}.jpg`), "");
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#above, { recursive: true });
  }
}
