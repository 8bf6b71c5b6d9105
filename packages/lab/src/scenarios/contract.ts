import { knownDigest } from "../probe/known-bytes.ts";
import type { Action } from "../probe/action.ts";
import type { Arranged, Scenario, Target } from "../probe/scenario.ts";

/** On a machine that is busy with other things. */
const patientMs = 10_000;

const small = 1000;
/** More than the parts of most clients. */
const large = 12_582_912;

const objects = { "a/one.txt": small, "a/two.txt": small, "other.txt": small };

function works(
  id: string,
  action: Action,
  { target, ...arranged }: Arranged & { readonly target: Target },
): Scenario {
  return {
    id,
    origin: "contract",
    title: `nothing fails: ${id}`,
    arranged: { timeoutMs: patientMs, ...arranged },
    action,
    target: { withinMs: 30_000, ...target },
    why: "An adapter that cannot do it with a server that works says nothing of one that does not.",
  };
}

const read = (key: string, bytes: number): Scenario =>
  works(
    `get ${key}`,
    { do: "get", key },
    { objects: { [key]: bytes }, target: { value: knownDigest(bytes) } },
  );

/** What every adapter can do, of the actions that it lists, with a server that fails in nothing. */
export const contract: readonly Scenario[] = [
  read("small.txt", small),
  read("large.bin", large),
  works("head", { do: "head", key: "a/one.txt" }, { objects, target: { value: small } }),
  works("exists", { do: "exists", key: "a/one.txt" }, { objects, target: { value: true } }),
  works("exists not", { do: "exists", key: "a/none" }, { objects, target: { value: false } }),
  works("kind", { do: "kind", key: "other.txt" }, { objects, target: { value: "file" } }),
  works(
    "put",
    { do: "put", key: "new.txt", bytes: small },
    { target: { succeeds: true, stored: { "new.txt": small } } },
  ),
  works(
    "put if absent",
    { do: "put", key: "new.txt", bytes: small, ifAbsent: true },
    { target: { succeeds: true, stored: { "new.txt": small } } },
  ),
  works(
    "upload",
    { do: "upload", key: "new.bin", bytes: large },
    { target: { succeeds: true, stored: { "new.bin": large } } },
  ),
  works(
    "copy",
    { do: "copy", key: "copied.txt", source: "a/one.txt" },
    { objects, target: { succeeds: true, stored: { "copied.txt": small, "a/one.txt": small } } },
  ),
  works(
    "delete",
    { do: "delete", key: "a/one.txt" },
    {
      objects,
      target: { succeeds: true, stored: { "a/one.txt": "absent", "a/two.txt": small } },
    },
  ),
  works(
    "delete-many",
    { do: "delete-many", keys: ["a/one.txt", "a/two.txt"] },
    {
      objects,
      target: {
        value: { deleted: ["a/one.txt", "a/two.txt"], failed: {} },
        stored: { "a/one.txt": "absent", "a/two.txt": "absent", "other.txt": small },
      },
    },
  ),
  works(
    "list",
    { do: "list" },
    { objects, target: { value: ["a/one.txt", "a/two.txt", "other.txt"] } },
  ),
  works(
    "list below a folder",
    { do: "list", prefix: "a/" },
    { objects, target: { value: ["a/one.txt", "a/two.txt"] } },
  ),
];
