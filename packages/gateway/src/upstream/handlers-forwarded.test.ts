import { beforeEach, describe } from "vitest";
import { startSubjectsAs } from "../s3-subject.test.support.ts";

startSubjectsAs("forwarded");

const above = "a key whose dots lead above its bucket is refused before an upstream";
const listed = "ListBuckets is made here, of what is attached, and asks no upstream";

/** Promises of the engine that are not those of a gateway in front of one. */
const notForwarded: ReadonlyMap<string, string> = new Map([
  ['the source ".." is found under its name, encoded once', above],
  ['the source "foo/../../.." is refused', above],
  ["has an owner and the times of creation", listed],
  ["is followed in pages to its end", listed],
  ["is filtered by region", listed],
  ["sees common prefixes, owners and the buckets", listed],
  ["tells each refusal by its own name", "a bucket that is attached is not deleted"],
  [
    "a bucket goes when it is empty, whatever uploads are under way in it",
    "a bucket that is attached is not deleted",
  ],
  [
    "each failure is told by its own code and keeps no other key from being deleted",
    "what is refused here stands behind what was done there",
  ],
  [
    'the source "source-bucket/k?versionId=abc" is refused',
    "of a version it is not known whether there is one: it is NotImplemented",
  ],
  [
    "needs the checksum of each part when it is completed",
    "the part is named in words, and an upstream's words are not passed on",
  ],
]);

/** What is true of the engine is true of a gateway in front of it: the tests of the handlers, once more. */
describe("through a forwarder", async () => {
  beforeEach(({ task, skip }) => {
    const reason = notForwarded.get(task.name);
    if (reason !== undefined) skip(reason);
  });
  await import("../handlers/buckets.test.ts");
  await import("../handlers/copy-object.test.ts");
  await import("../handlers/delete-objects.test.ts");
  await import("../handlers/get-object.test.ts");
  await import("../handlers/list-objects.test.ts");
  await import("../handlers/list-uploads.test.ts");
  await import("../handlers/multipart-checksums.test.ts");
  await import("../handlers/multipart.test.ts");
  await import("../handlers/put-object.test.ts");
  await import("../handlers/upload-part-copy.test.ts");
  await import("../body/payload.test.ts");
  await import("../sdk.test.ts");
  await import("../stages/moved-headers.test.ts");
});
