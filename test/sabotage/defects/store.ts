import type { Defect } from "../defect.ts";

const source = "packages/store/src";
const kernel = `${source}/kernel`;
const local = `${source}/drivers/local`;
const inMemory = [`${source}/drivers/memory-driver.test.ts`];

/** What a careless store would promise and not keep. */
export const defectsOfStore: readonly Defect[] = [
  {
    row: "store",
    name: "a source's failure that is blamed on the backend",
    file: `${kernel}/writes.ts`,
    find: "if (failed === undefined) throw error;",
    replace: "throw error;",
    tests: inMemory,
    only: "write.source-fails",
  },
  {
    row: "store",
    name: "a store that goes on after it was closed",
    file: `${kernel}/kernel.ts`,
    find: 'if (this.#life.isClosed) throw new DriverFailure({ kind: "closed" });',
    replace: "",
    tests: inMemory,
    only: "closed",
  },
  {
    row: "store",
    name: "a probe that hides the failure which it should refine",
    file: `${kernel}/kernel.ts`,
    find: "} catch {\n      return false;",
    replace: "} catch (error) {\n      throw error;",
    tests: [`${kernel}/kernel.test.ts`],
  },
  {
    row: "store",
    name: "a listing that ends where its bucket vanished",
    file: `${kernel}/listings.ts`,
    find: "await kernel.run(spec, call.path, next)",
    replace: "await kernel.unlessMissing(next, signal)",
    tests: [`${kernel}/kernel.test.ts`],
  },
  {
    row: "store",
    name: "a folder deleted with its neighbour of a longer name",
    file: `${kernel}/folders.ts`,
    find: "const prefix = prefixOf(key);",
    replace: "const prefix = key;",
    tests: inMemory,
    only: "delete.not-empty",
  },
  {
    row: "store",
    name: "a stream that nobody began to read and that is never let go of",
    file: `${kernel}/writes.ts`,
    find: "(source ?? unread(content))?.end();",
    replace: "source?.end();",
    tests: inMemory,
    only: "write.lets-go",
  },
  {
    row: "store",
    name: "a `..` behind a backslash",
    file: `${source}/path.ts`,
    find: "path.split(/[/\\\\]/)",
    replace: 'path.split("/")',
    tests: [`${source}/path.test.ts`],
  },
  {
    row: "store",
    name: "a creation on disk that replaces what is there",
    file: `${local}/temporary-file.ts`,
    find: "else await link(temporary, place.path);",
    replace: "else await rename(temporary, place.path);",
    tests: [`${local}/local-driver.test.ts`],
    only: "write.exists",
  },
  {
    row: "store",
    name: "a temporary file that a failed write leaves",
    file: `${local}/temporary-file.ts`,
    find: "if (!isStored) await takeBack(place, temporary);",
    replace: "",
    tests: [`${local}/local-driver.test.ts`],
    only: "write.source-fails",
  },
  {
    row: "store",
    name: "a symbolic link that leads out of the root",
    file: `${local}/place.ts`,
    find: "await refuseLinks(root, path);",
    replace: "",
    tests: [`${local}/local-driver.test.ts`],
    only: "symbolic link",
  },
  {
    row: "store",
    name: "a creation on S3 that replaces what is there",
    file: `${source}/drivers/s3/s3-driver.ts`,
    find: 'ifNoneMatch: condition === "absent" ? "*" : undefined,',
    replace: "",
    tests: ["test/store/s3-driver.test.ts"],
    only: "write.race",
  },
];
