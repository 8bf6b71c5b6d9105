import type { Defect } from "../defect.ts";

const source = "packages/client/src";
const uploads = ["test/client/transfer/upload.test.ts"];
const completions = ["test/client/transfer/lost-completion.test.ts"];
const downloads = ["test/client/transfer/download.test.ts"];
const copies = ["test/client/transfer/copy.test.ts"];
const bodies = [`${source}/bodies/to-replayable-body.test.ts`];

/** What would leave something behind, mix two objects, or say that something is there which is not. */
export const defectsOfTransfers: readonly Defect[] = [
  {
    row: "client",
    name: "an upload that is not taken back",
    file: `${source}/transfer/open-upload.ts`,
    find: "      await abortMultipartUpload(this.#connection, {",
    replace: "      await Promise.resolve({",
    tests: uploads,
  },
  {
    row: "client",
    name: "parts that go on when another one has failed",
    file: `${source}/transfer/multipart-transfer.ts`,
    find: "    this.#ending.abort(reason);\n",
    replace: "    void reason;\n",
    tests: uploads,
    only: "a part that is refused",
  },
  {
    row: "client",
    name: "an upload that is left and not named",
    file: `${source}/transfer/open-upload.ts`,
    find: "return leftOpen(error, { uploadId, left });",
    replace: "return leftOpen(error, { uploadId, left }) && error;",
    tests: uploads,
    only: "could not be taken back",
  },
  {
    row: "client",
    name: "an abort that forgets the upload which just began",
    file: `${source}/transfer/open-upload.ts`,
    find: "const asked = { ...input, metadata, signal: patience.signal };",
    replace: "const asked = { ...input, metadata };",
    tests: uploads,
    only: "while the upload begins",
  },
  {
    row: "client",
    name: "somebody else's object taken for one's own",
    file: `${source}/transfer/open-upload.ts`,
    find: ": metadata[writeIdName] === this.#mark;",
    replace: ": true;",
    tests: completions,
    only: "somebody else",
  },
  {
    row: "client",
    name: "a completion that is not looked after when its answer is lost",
    file: `${source}/transfer/multipart-transfer.ts`,
    find: "S3Error.is(error) && error.ambiguous && this.#isCompleting;",
    replace: "false && S3Error.is(error);",
    tests: completions,
    only: "answer is lost",
  },
  {
    row: "client",
    name: "a source that is not let go of",
    file: `${source}/transfer/upload.ts`,
    find: "    opened?.end();\n",
    replace: "",
    tests: uploads,
    only: "lets go of",
  },
  {
    row: "client",
    name: "a part that is not copied from memory which is used again",
    file: `${source}/transfer/cut.ts`,
    find: "    const taken = Math.min(chunk.byteLength, size - this.byteLength);\n",
    replace:
      "    const taken = Math.min(chunk.byteLength, size - this.byteLength);\n" +
      "    if (this.byteLength === 0 && taken === size) {\n" +
      "      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, taken);\n" +
      "      this.byteLength = taken;\n      return taken;\n    }\n",
    tests: [`${source}/transfer/cut.test.ts`],
  },
  {
    row: "client",
    name: "parts that stay small when the length is not known",
    file: `${source}/transfer/part-sizes.ts`,
    find: "const partsOfOneSize = 950;",
    replace: "const partsOfOneSize = 2_000;",
    tests: [`${source}/transfer/part-sizes.test.ts`],
  },
  {
    row: "client",
    name: "a longer source sent as far as it was announced",
    file: `${source}/bodies/source-reader.ts`,
    find: "    return this.#last(piece);\n",
    replace: "    return { done: false, value: piece };\n",
    tests: bodies,
    only: "the last piece",
  },
  {
    row: "client",
    name: "a file opened before it is read",
    file: `${source}/bodies/source-reader.ts`,
    find: "  return originOfFactory(() => createReadStream(path, { end: length - 1, highWaterMark: 2 ** 18 }));",
    replace:
      "  return originOf(createReadStream(path, { end: length - 1, highWaterMark: 2 ** 18 }));",
    tests: bodies,
    only: "holds no file",
  },
  {
    row: "client",
    name: "a held body that does not hear its signal",
    file: `${source}/bodies/to-replayable-body.ts`,
    find: "const piece = await nextPiece(reader, signal);",
    replace: "const piece = await nextPiece(reader, signal && undefined);",
    tests: bodies,
    only: "Node stream that never gives",
  },
  {
    row: "client",
    name: "a download resumed without If-Match",
    file: `${source}/transfer/reception.ts`,
    find: "const input = { ...readInputOf(this.#input), versionId, ifMatch, range };",
    replace:
      "const input = { ...readInputOf(this.#input), versionId, ifMatch: ifMatch && undefined, range };",
    tests: downloads,
    only: "asks for the rest alone|replaced between",
  },
  {
    row: "client",
    name: "old bytes that are not verified with the new",
    file: `${source}/transfer/reception.ts`,
    find: "const ofBoth = resumedFrom === 0 ? undefined : checksum;",
    replace: "const ofBoth = resumedFrom >= 0 ? undefined : checksum;",
    tests: downloads,
    only: "tampered",
  },
  {
    row: "client",
    name: "a file that a running download is writing taken over",
    file: `${source}/transfer/left-files.ts`,
    find: "    .filter((path) => !active.has(path));",
    replace: ";",
    tests: downloads,
    only: "at once",
  },
  {
    row: "client",
    name: "bytes of no use that are kept",
    file: `${source}/transfer/download.ts`,
    find: "    if (isOfOtherBytes(error)) partial.discard();\n",
    replace: "    isOfOtherBytes(error);\n",
    tests: downloads,
  },
  {
    row: "client",
    name: "a name given before the bytes are on stable storage",
    file: `${source}/transfer/partial-file.ts`,
    find: "    await this.#handle.sync();\n    await this.#handle.close();\n    await rename(this.#path, this.#target);\n",
    replace:
      "    await rename(this.#path, this.#target);\n    await this.#handle.sync();\n    await this.#handle.close();\n",
    tests: ["test/client/transfers.test.ts"],
    only: "stable storage",
  },
  {
    row: "client",
    name: "a copy of a source that may change between its parts",
    file: `${source}/transfer/copy.ts`,
    find: "        copySourceIfMatch: source.etag,\n",
    replace: "",
    tests: copies,
    only: "ranges that meet",
  },
  {
    row: "client",
    name: "a copy in parts without its source's tags",
    file: `${source}/transfer/copy.ts`,
    find: "Object.keys(tagging).length === 0 ? undefined : tagging;",
    replace: "Object.keys(tagging).length >= 0 ? undefined : tagging;",
    tests: copies,
    only: "carries over",
  },
  {
    row: "client",
    name: "a source that was sent before, taken for an empty one",
    file: `${source}/bodies/source-reader.ts`,
    find: "if (isRead && step.done === true) throw readBefore();",
    replace: "",
    tests: ["test/client/source-read-before.test.ts"],
  },
];
