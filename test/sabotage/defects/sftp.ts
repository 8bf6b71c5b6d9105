import type { Defect } from "../defect.ts";

const source = "packages/store/src/drivers/sftp";
const connection = ["test/store/sftp/connection.test.ts"];
const files = ["test/store/sftp/files.test.ts"];

/** What a careless driver for SFTP would promise and not keep. */
export const defectsOfSftp: readonly Defect[] = [
  {
    row: "store",
    name: "a server that is taken for the right one whoever it is",
    file: `${source}/connect.ts`,
    find: "return isKnown;",
    replace: "return true;",
    tests: connection,
    only: "an unknown server",
  },
  {
    row: "store",
    name: "a file on its way that a lost connection leaves for ever",
    file: `${source}/store-file.ts`,
    find: "await unlinkIfThere(again, from);\n        await pruneFolders(again, place);",
    replace: "if (again.session === requests.session) await unlinkIfThere(again, from);",
    tests: connection,
    only: "a connection that is lost before",
  },
  {
    row: "store",
    name: "an answer that was lost and is told as if nothing had happened",
    file: `${source}/requests.ts`,
    find: "cause, ambiguous: true",
    replace: "cause, ambiguous: false",
    tests: files,
    only: "a move that is cut",
  },
  {
    row: "store",
    name: "a write that was ended while it got its name and is told as if it had not",
    file: `${source}/requests.ts`,
    find: "throw aborted(this.signal, true);",
    replace: "throw aborted(this.signal);",
    tests: connection,
    only: "may have happened",
  },
  {
    row: "store",
    name: "a file that the server keeps open for a caller who has gone",
    file: `${source}/requests.ts`,
    find: "opening.then((handle) => this.session.close(handle)).catch(ignore);",
    replace: "opening.catch(ignore);",
    tests: connection,
    only: "nothing stays open",
  },
  {
    row: "store",
    name: "two files of one second and one etag",
    file: `${source}/store-file.ts`,
    find: "return ahead >= 0 && ahead < aheadSecondsMax ? replaced.mtime + 1 : undefined;",
    replace: "return ahead > aheadSecondsMax ? replaced.mtime + 1 : undefined;",
    tests: files,
    only: "an etag of its own",
  },
  {
    row: "store",
    name: "a move that takes back the new name when the old one may be gone",
    file: `${source}/move-file.ts`,
    find: "if (statusOf(error) !== undefined) await",
    replace: "await",
    tests: files,
    only: "a move that is aborted",
  },
];
