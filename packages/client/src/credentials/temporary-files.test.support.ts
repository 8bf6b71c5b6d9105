import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for one test. */
export interface TemporaryFiles {
  readonly directory: string;
  /** Writes a file and tells its path. */
  write(name: string, text: string, encoding?: BufferEncoding): string;
  remove(): void;
}

/** Makes one. */
export function temporaryFiles(): TemporaryFiles {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-credentials-"));
  return {
    directory,
    write(name, text, encoding = "utf8") {
      const path = join(directory, name);
      writeFileSync(path, text, { mode: 0o600, encoding });
      return path;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
