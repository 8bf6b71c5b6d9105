import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Defect } from "./defect.ts";

/** Writes a defect into a copy and returns what takes it out again; throws when its place is not there once, or a test not at all. */
export function plant(copy: string, { file, find, replace, tests }: Defect): () => void {
  // The runner runs what it finds of them, and says nothing of the rest.
  const gone = tests.find((test) => !existsSync(join(copy, test)));
  if (gone !== undefined) throw new Error(`The defect has lost its test: there is no ${gone}`);
  const path = join(copy, file);
  const sound = readFileSync(path, "utf8");
  const places = sound.split(find).length - 1;
  if (places !== 1) {
    throw new Error(
      `The defect has lost its place: what it replaces stands ${places} times in ${file}, not once:\n${find}`,
    );
  }
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  return () => writeFileSync(path, sound);
}
