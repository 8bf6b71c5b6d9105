import { resolve } from "node:path";
import { canonicalPath } from "../path.ts";
import { Secret } from "./secret.ts";
import { Branch } from "./take-in.ts";

/** What a value of a config can be. */
export interface Kind<T> {
  /** Ends the sentence "it must be …". */
  readonly expects: string;
  /** Whether it is kept from sight. */
  readonly secret?: true;
  /** What the value stands for, or undefined if it is nothing of this kind. Relative paths are meant from `folder`. */
  read(value: unknown, folder: string): T | undefined;
}

/** Text that is not empty. */
export const text: Kind<string> = { expects: "text", read: textOf };

/** Text that no message, no log and no inspection shows. */
export const secret: Kind<Secret> = {
  expects: "text",
  secret: true,
  read(value) {
    if (value instanceof Secret) return value;
    const found = textOf(value);
    return found === undefined ? undefined : new Secret(found);
  },
};

/** Names that are the user's own, each with text that shows nowhere. */
export const secretsByName: Kind<Readonly<Record<string, Secret>>> = {
  expects: "text by name",
  secret: true,
  read(value, folder) {
    if (!(value instanceof Branch)) return undefined;
    const found = new Map<string, Secret>();
    for (const [name, one] of value) {
      const kept = secret.read(one, folder);
      if (kept !== undefined) found.set(name, kept);
    }
    return found.size === value.size ? Object.fromEntries(found) : undefined;
  },
};

/** A path of this machine, which comes out absolute. */
export const localPath: Kind<string> = {
  expects: "a path",
  read(value, folder) {
    const found = textOf(value);
    return found === undefined || found.includes("\0") ? undefined : resolve(folder, found);
  },
};

/** A path within a store, as it is used there; the root may be empty. */
export const storePath: Kind<string> = {
  expects: "a path without .. in it",
  read(value) {
    try {
      return typeof value === "string" ? canonicalPath(value) : undefined;
    } catch {
      return undefined;
    }
  },
};

/** An address to speak HTTP with. */
export const httpUrl: Kind<string> = {
  expects: "a URL that begins with http:// or https://, without user, password, query and fragment",
  read(value) {
    const found = textOf(value);
    const url = found !== undefined && URL.canParse(found) ? new URL(found) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
    const extras = [url.username, url.password, url.search, url.hash];
    return extras.every((extra) => extra === "") ? found : undefined;
  },
};

/** Yes or no; also as text, because variables are. */
export const flag: Kind<boolean> = {
  expects: "true or false",
  read(value) {
    if (value === "true" || value === "false") return value === "true";
    return typeof value === "boolean" ? value : undefined;
  },
};

/** A whole number from `least` on; also as text, because variables are. */
export function count(least: number, unit = ""): Kind<number> {
  return {
    expects: `a whole number${unit}, at least ${least}`,
    read(value) {
      const digits = typeof value === "string" && /^[0-9]{1,15}$/.test(value);
      const found = digits ? Number(value) : value;
      return typeof found === "number" && Number.isSafeInteger(found) && found >= least
        ? found
        : undefined;
    },
  };
}

/** One of some words. */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    expects: `one of ${words.join(", ")}`,
    read: (value) => words.find((word) => word === value),
  };
}

/** Several of a kind; one may stand alone. */
export function listOf<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    expects: `${kind.expects}, or a list of such`,
    read(value, folder) {
      const given: readonly unknown[] = Array.isArray(value) ? value : [value];
      const found = given.flatMap((one) => kind.read(one, folder) ?? []);
      return found.length === given.length ? found : undefined;
    },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
