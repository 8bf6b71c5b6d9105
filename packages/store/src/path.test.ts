import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DriverFailure } from "./errors/driver-failure.ts";
import { canonicalPath, foldersAbove, isCanonical, joinPath, nameOf } from "./path.ts";

const anyPath = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("", ".", "..", "a", "a..", "\\", "..\\b", "é"), { maxLength: 6 })
    .map((names) => names.join("/")),
);

function canonicalOrNone(path: string): string | undefined {
  try {
    return canonicalPath(path);
  } catch (error) {
    expect(error).toBeInstanceOf(DriverFailure);
    expect(error).toMatchObject({ kind: "invalid-path", path });
    return undefined;
  }
}

test("a path is refused exactly when it goes up, has a NUL or has no UTF-8", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const isUnsafe =
        path.includes("\0") || path.split(/[/\\]/).includes("..") || /\p{Surrogate}/u.test(path);
      expect(canonicalOrNone(path) === undefined).toBe(isUnsafe);
    }),
  );
});

test("a canonical path is its own, and its names are those of the path given", () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const canonical = canonicalOrNone(path);
      if (canonical === undefined) return;
      expect(canonicalPath(canonical)).toBe(canonical);
      expect(isCanonical(canonical)).toBe(canonical !== "");
      const names = path.split("/").filter((name) => name !== "" && name !== ".");
      expect(canonical === "" ? [] : canonical.split("/")).toEqual(names);
    }),
  );
});

test("a path below a folder ends in its name, and the folder is above it", () => {
  fc.assert(
    fc.property(anyPath, anyPath, (one, other) => {
      const [folder, path] = [canonicalOrNone(one), canonicalOrNone(other)];
      if (!folder || !path) return;
      const joined = joinPath(folder, path);
      expect(isCanonical(joined)).toBe(true);
      expect(nameOf(joined)).toBe(nameOf(path));
      expect([...foldersAbove(joined)]).toContain(folder);
    }),
  );
});

test("what is no text is refused", () => {
  const notText: string = JSON.parse("7");
  expect(() => canonicalPath(notText)).toThrow(DriverFailure);
});
