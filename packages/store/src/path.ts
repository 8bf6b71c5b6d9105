import { DriverFailure } from "./errors/driver-failure.ts";

/** What no canonical path has: empty names, `.`, `..` behind either slash, a NUL, half of a surrogate pair. */
const uncanonical = /(?:^|[/\\])\.{0,2}(?:[/\\]|$)|[\0\p{Surrogate}]/u;

/**
 * A path as a store uses it: names joined by single slashes, none before or after them; the root is the empty one.
 * Throws `invalid-path` for a `..`, a NUL, or text that has no UTF-8. A backslash is a character like any other, but
 * hides no `..`.
 */
export function canonicalPath(path: string): string {
  if (typeof path !== "string") throw invalid("A path is text.", String(path));
  if (!uncanonical.test(path)) return path;
  if (path.includes("\0")) throw invalid("A path has no NUL.", path);
  if (/\p{Surrogate}/u.test(path)) throw invalid("The path has half of a surrogate pair.", path);
  if (path.split(/[/\\]/).includes("..")) throw invalid('A path has no ".." in it.', path);
  return path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/");
}

/** Whether a key of a backend can be written as a path that leads to it and to nothing else. */
export function isCanonical(key: string): boolean {
  try {
    return key !== "" && canonicalPath(key) === key;
  } catch {
    return false;
  }
}

/** A path below a folder; either may be the root. */
export function joinPath(folder: string, path: string): string {
  if (folder === "" || path === "") return folder + path;
  return `${folder}/${path}`;
}

/** What every key below a folder begins with. */
export function prefixOf(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folders above a path, the nearest first, without the root. */
export function* foldersAbove(path: string): Generator<string> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    yield path.slice(0, end);
  }
}

function invalid(message: string, path: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-path", message, path });
}
