/** What a scenario has a subject do, as data that goes to another process. Bodies are of `bytes` known bytes. */
export type Action =
  /** Reads the object to its end. */
  | { readonly do: "get"; readonly key: string }
  /** Reads it unless it is the one that has this etag (`If-None-Match`); the value is then `not modified`. */
  | { readonly do: "get-if-changed"; readonly key: string; readonly etag: string }
  /** Reads it until the caller's signal aborts, so many milliseconds after the call. */
  | { readonly do: "get-until-aborted"; readonly key: string; readonly abortMs: number }
  /** The value is the object's length. */
  | { readonly do: "head"; readonly key: string }
  /** The value is whether there is such an object. */
  | { readonly do: "exists"; readonly key: string }
  /** Writes a body that is at hand. */
  | {
      readonly do: "put";
      readonly key: string;
      readonly bytes: number;
      /** Only if there is no such object (`If-None-Match: *`). */
      readonly ifAbsent?: true;
    }
  /** Writes from a source that can be read once, by parts where the subject does so; it may fail after so many bytes. */
  | {
      readonly do: "upload";
      readonly key: string;
      readonly bytes: number;
      readonly failAt?: number;
      /** What is asked has no meaning for who writes it in one piece. */
      readonly inParts?: true;
    }
  | { readonly do: "copy"; readonly key: string; readonly source: string }
  | { readonly do: "delete"; readonly key: string }
  /** The value is `{ deleted, failed }`: the keys that are gone, and of the others the code of each. */
  | { readonly do: "delete-many"; readonly keys: readonly string[] }
  /** The value is all keys below the prefix, of as many pages as there are. */
  | { readonly do: "list"; readonly prefix?: string }
  /** The value is what it takes the path for: `file`, `folder`, `none`. */
  | { readonly do: "kind"; readonly key: string };

export type ActionName = Action["do"];
