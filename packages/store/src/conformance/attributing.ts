import assert from "node:assert/strict";
import { CapabilityNotSupported } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell } from "./cell.ts";
import { pieces, sizes } from "./content.ts";
import { expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { waysToWrite } from "./ways-to-write.ts";

const contentType = "text/csv";
const metadata = { owner: "nobody", team: "a b" };
const overwrite = true;

/** What is kept beside a file's bytes. */
export const attributing: readonly Cell[] = [
  {
    id: "attributes.kept",
    promise: "a content type and metadata are read back as they were written, at any size",
    needs: ["user_metadata", "write", "metadata", "read"],
    async run(fixture) {
      const { store } = fixture;
      for (const write of waysToWrite(fixture)) {
        for (const size of sizes) {
          await write("f", pieces(size), { overwrite, contentType, metadata });
          const info = await store.getFileInfo("f");
          assert.deepEqual([info.contentType, info.metadata], [contentType, metadata]);
          const stream = await store.read("f");
          await stream.dispose();
          assert.deepEqual(
            [stream.info.contentType, stream.info.metadata],
            [contentType, metadata],
          );
        }
      }
    },
  },
  {
    id: "attributes.replaced",
    promise: "a file that is written again keeps nothing of what was beside the old one",
    needs: ["user_metadata", "write", "metadata"],
    async run({ store }) {
      await store.writeText("f", "one", { overwrite, contentType, metadata });
      await store.writeText("f", "two", { overwrite });
      const info = await store.getFileInfo("f");
      assert.notEqual(info.contentType, contentType);
      assert.deepEqual(info.metadata ?? {}, {});
    },
  },
  {
    id: "attributes.moved",
    promise: "a copy has what was beside its source, and so has what was moved",
    needs: ["user_metadata", "write", "metadata", "copy", "move"],
    async run({ store }) {
      await store.writeText("f", "one", { overwrite, contentType, metadata });
      await store.copy("f", "g");
      await store.move("f", "h");
      for (const path of ["g", "h"]) {
        const info = await store.getFileInfo(path);
        assert.deepEqual([info.contentType, info.metadata], [contentType, metadata]);
      }
    },
  },
  {
    id: "attributes.names",
    promise: "names of metadata are kept in lower case",
    needs: ["user_metadata", "write", "metadata"],
    async run({ store }) {
      await store.writeText("f", "one", { overwrite, metadata: { OwnerName: "Nobody" } });
      const info = await store.getFileInfo("f");
      assert.deepEqual(info.metadata, { ownername: "Nobody" });
    },
  },
  {
    id: "attributes.dashes",
    promise: "a name of metadata may have dashes, dots and underscores",
    needs: ["user_metadata", "write", "metadata"],
    async run({ store }) {
      const given = { "two-words": "1", "two.words": "2", two_words: "3" };
      await store.writeText("f", "one", { overwrite, metadata: given });
      assert.deepEqual((await store.getFileInfo("f")).metadata, given);
    },
  },
  {
    id: "attributes.scripts",
    promise: "a value of metadata is text of any script",
    needs: ["user_metadata", "write", "metadata"],
    async run({ store }) {
      const given = { owner: "ü 🗝", place: "北京" };
      await store.writeText("f", "one", { overwrite, metadata: given });
      assert.deepEqual((await store.getFileInfo("f")).metadata, given);
    },
  },
  {
    id: "attributes.refused",
    promise: "metadata that some backend would change is refused by all, and nothing is written",
    needs: ["write", "list"],
    async run(fixture) {
      const { store } = fixture;
      const malformed: readonly Readonly<Record<string, string>>[] = [
        { "a b": "" },
        { "": "x" },
        { a: "1", A: "2" },
        { big: "x".repeat(2100) },
        { ümlaut: "x" },
      ];
      for (const wrong of malformed) {
        const written = store.writeText("f", "one", { overwrite, metadata: wrong });
        await expectFailure(written, { is: RemoteStoreError, path: "f" });
      }
      await expectOnly(fixture, []);
    },
  },
  {
    id: "attributes.lacking",
    promise:
      "ERR-006: a backend that keeps nothing beside the bytes refuses to be given it, but for nothing",
    needs: ["write", "read"],
    async run({ store }) {
      await store.writeText("f", "old", { overwrite, metadata: {} });
      if (store.supports("user_metadata")) return;
      for (const attributes of [{ metadata }, { contentType }]) {
        const written = store.writeText("f", "new", { overwrite, ...attributes });
        const error = await expectFailure(written, { is: CapabilityNotSupported, path: "f" });
        assert.ok(CapabilityNotSupported.is(error) && error.capability === "user_metadata");
      }
      assert.equal(await store.readText("f"), "old");
    },
  },
];
