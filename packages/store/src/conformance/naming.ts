import assert from "node:assert/strict";
import { inspect } from "node:util";
import { InvalidPath } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

/** Names that are patterns, escapes or paths to something that does not look at them as bytes. */
const patterns: readonly string[] = [
  "_",
  "%",
  "%41",
  "%2F",
  "%00",
  "*",
  "**",
  "?",
  "[a]",
  "[!a]",
  "{a,b}",
  "(a|b)+$",
  "^",
  ".*",
  "a+b",
  "#",
  "a?b=c&d",
  "a;b",
  "a:b",
  "~",
  "$HOME",
  "`id`",
  "'",
  '"',
  "<a>&amp;",
  "404",
  "-rf",
  "__proto__",
  "constructor",
  "null",
];

const backslashes: readonly string[] = ["\\", "a\\b", "\\a", "a\\"];

const dots: readonly string[] = ["...", "..a", ".a", "a..", "a.", "a. ."];

const spaces: readonly string[] = ["a b", " a ", "  ", "a ", "a\u00a0b", "\u3000", "a\u2009"];

const controls: readonly string[] = [
  "\ta",
  "line\nbreak",
  "carriage\rreturn",
  "\u0001\u001f",
  "\u007f",
  "\u0085",
  "\u2028",
];

/** Names that are the same to whoever normalises them. */
const lookAlikes: readonly string[] = [
  "ü",
  "u\u0308",
  "Å",
  "A\u030a",
  "\u212b",
  "ﬁ",
  "fi",
  "ẞ",
  "ss",
  "🗝",
  "\uFFFD",
  "\u200b",
  "a\u200b",
  "a",
  "\u202ea",
];

function inByteOrder(names: readonly string[]): string[] {
  return names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function twice(name: string): string {
  return `h/${name}/${name}`;
}

/** Each is stored, listed, read, copied, moved and deleted by its own name and touches no other. */
function hostile(id: string, names: readonly string[], promise: string): Cell {
  return {
    id,
    promise,
    needs: ["write", "read", "list", "delete", "copy", "move"],
    async run({ store }) {
      for (const name of names) await store.writeText(twice(name), name);
      const listed = (await all(store.listFiles("h", { recursive: true }))).map((one) => one.path);
      assert.deepEqual(listed, inByteOrder(names.map(twice)));
      for (const name of names) {
        assert.equal(await store.readText(twice(name)), name);
        assert.equal(store.toKey(store.resolve(twice(name)).key), twice(name));
        const own = await all(store.listFiles(`h/${name}`));
        assert.deepEqual(
          own.map((file) => [file.path, file.name]),
          [[twice(name), name]],
        );
        await store.copy(twice(name), `c/${name}`);
        await store.move(`c/${name}`, `m/${name}`);
        assert.equal(await store.readText(`m/${name}`), name);
        await store.deleteFolder(`h/${name}`, { recursive: true });
        assert.equal(await store.exists(twice(name)), false);
      }
      assert.equal(await store.exists("h"), false);
      const moved = (await all(store.listFiles("m"))).map((one) => one.name);
      assert.deepEqual(moved, inByteOrder(names));
    },
  };
}

/** Names. */
export const naming: readonly Cell[] = [
  hostile(
    "list.hostile",
    patterns,
    "names are bytes: none is a pattern, an escape or another's, and each is listed as it is written",
  ),
  hostile(
    "name.backslash",
    backslashes,
    "a backslash is a character of a name, wherever it stands, and no slash",
  ),
  hostile("name.dots", dots, "dots are part of a name and stay in it, at its end too"),
  hostile("name.spaces", spaces, "spaces are part of a name and stay in it, at its ends too"),
  hostile(
    "name.controls",
    controls,
    "control characters are part of a name and stay in it, ends of lines too",
  ),
  hostile(
    "name.look-alikes",
    lookAlikes,
    "names that look alike are two names, composed or decomposed",
  ),
  {
    id: "name.spellings",
    promise: "slashes too many and single dots lead to the same file",
    needs: ["read"],
    async run(fixture) {
      await seed(fixture, { "a/b": "old" });
      for (const path of ["/a/b", "a//b", "./a/./b", "a/b/", "//a/b//."]) {
        assert.equal(await fixture.store.readText(path), "old");
      }
    },
  },
  {
    id: "name.neighbours",
    promise: "a folder is apart from names that begin as it does",
    needs: ["list", "delete"],
    async run(fixture) {
      const { store } = fixture;
      const others = ["a b/x", "a!/x", "a-b", "a.b/x", "a0", "aa/x", "b"];
      await seed(fixture, Object.fromEntries([...others, "a/x", "a/y/z"].map((one) => [one, one])));
      assert.equal((await store.getFolderInfo("a")).fileCount, 2);
      await store.deleteFolder("a", { recursive: true });
      const left = await all(store.listFiles("", { recursive: true }));
      assert.deepEqual(
        left.map(({ path }) => path),
        inByteOrder(others),
      );
    },
  },
  {
    id: "name.deep",
    promise: "a path of a thousand bytes in many folders is one like any other",
    needs: ["write", "read", "list", "delete"],
    async run({ store }) {
      const path = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(48, "n")).join("/");
      assert.ok(path.length > 900);
      await store.writeText(path, "deep", { overwrite: true });
      assert.equal(await store.readText(path), "deep");
      const listed = await all(store.listFiles("", { recursive: true }));
      assert.deepEqual(
        listed.map((file) => file.path),
        [path],
      );
      await store.delete(path);
      assert.equal(await store.isFolder(path.slice(0, 48)), false);
    },
  },
  {
    id: "name.too-long",
    promise:
      "a name that the backend has no room for is an error that names it, and leaves nothing",
    needs: ["write", "list", "read"],
    async run(fixture) {
      const { store } = fixture;
      for (const path of ["n".repeat(255), "n".repeat(300), "ü".repeat(1000), "n/".repeat(3000)]) {
        const canonical = path.endsWith("/") ? path.slice(0, -1) : path;
        try {
          await store.writeText(path, "long", { overwrite: true });
        } catch (error) {
          assert.ok(RemoteStoreError.is(error) && error.path === canonical, inspect(error));
          assert.equal(error.retryable, false);
          continue;
        }
        assert.equal(await store.readText(path), "long");
      }
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
  {
    id: "name.half",
    promise: "half of a surrogate pair is no name, wherever it stands",
    async run({ store }) {
      for (const path of ["\uD83D", "a/\uDDDD/b", "a\uD83D"]) {
        await expectFailure(store.exists(path), { is: InvalidPath, path });
      }
    },
  },
];
