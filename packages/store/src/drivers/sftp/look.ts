import type { Stats } from "ssh2";
import type { FileStat } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { fileStat, foldersTo, refused, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { isMissing } from "./status.ts";

/** What is at a place. Below something that is no directory there is nothing, which is not the same as a missing name. */
export type Seen =
  | { readonly kind: "file"; readonly stat: FileStat }
  | { readonly kind: "folder" | "missing" | "other" | "under-file" };

/**
 * What is at a place, in the time of one request: every name on the way is asked for at once. A way through a symbolic
 * link below the root is `invalid-path`.
 */
export async function look(requests: Requests, place: Place): Promise<Seen> {
  if (place.key === "") return seenOf(await requests.stat(place.path));
  const paths = [...foldersTo(place), place.path];
  const answers = await Promise.allSettled(paths.map((path) => requests.lstat(path)));
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "rejected") {
      if (isMissing(answer.reason)) return { kind: "missing" };
      throw answer.reason;
    }
    const stats = answer.value;
    if (stats.isSymbolicLink()) throw refused("The path leads through a symbolic link.");
    if (index === paths.length - 1) return seenOf(stats);
    if (!stats.isDirectory()) return { kind: "under-file" };
  }
  return { kind: "missing" };
}

/** What is at a place, which has to be a file. */
export async function lookForFile(requests: Requests, place: Place): Promise<FileStat> {
  const seen = await look(requests, place);
  if (seen.kind === "file") return seen.stat;
  throw new DriverFailure({ kind: whyNoFile(seen) });
}

/** Why what is there is no file. */
export function whyNoFile({ kind }: Seen): "not-found" | "under-file" | "wrong-type" {
  if (kind === "missing") return "not-found";
  return kind === "under-file" ? kind : "wrong-type";
}

/** Fails unless a folder is at a place. */
export async function lookForFolder(requests: Requests, place: Place): Promise<void> {
  const { kind } = await look(requests, place);
  if (kind === "folder") return;
  throw new DriverFailure({ kind: kind === "missing" ? "not-found" : "under-file" });
}

/** Fails unless a file may be stored at a place; the server has the last word. */
export async function lookForRoom(
  requests: Requests,
  { place, overwrite }: { readonly place: Place; readonly overwrite: boolean },
): Promise<Requests> {
  const seen = await look(requests, place);
  if (seen.kind === "missing" || (seen.kind === "file" && overwrite)) return requests;
  throw new DriverFailure({ kind: seen.kind === "file" ? "already-exists" : whyNoFile(seen) });
}

function seenOf(stats: Stats): Seen {
  if (stats.isFile()) return { kind: "file", stat: fileStat(stats) };
  return { kind: stats.isDirectory() ? "folder" : "other" };
}
