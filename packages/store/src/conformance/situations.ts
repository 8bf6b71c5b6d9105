import type { Fixture, Hand } from "./cell.ts";
import { seed } from "./seed.ts";

/** How things stand when a method is called. */
export interface Situation {
  /** As the page has it. */
  readonly said: string;
  readonly path: string;
  readonly hand?: Hand;
  readonly isAborted?: true;
  /** Brings it about; the files are there by then: `f`, `d/f`, `other`. */
  readonly arrange?: (fixture: Fixture) => Promise<void>;
}

/** What a method can meet. */
export const situations: readonly Situation[] = [
  { said: "nothing is there", path: "no/such" },
  { said: "a file is there", path: "f" },
  { said: "a folder with something in it is there", path: "d" },
  { said: "something above it is a file", path: "f/g" },
  { said: "it is the root", path: "" },
  { said: "it has a `..`", path: "d/../f" },
  { said: "the signal was aborted before", path: "f", isAborted: true },
  { said: "the store was closed", path: "f", arrange: ({ store }) => store.close() },
  {
    said: "the container is gone",
    path: "f",
    hand: "dropContainer",
    arrange: async ({ dropContainer }) => dropContainer?.(),
  },
  {
    said: "everything is refused",
    path: "f",
    hand: "denyAll",
    arrange: async ({ denyAll }) => denyAll?.(),
  },
  {
    said: "the connection breaks",
    path: "f",
    hand: "reset",
    arrange: async ({ faultNext }) => faultNext?.("reset"),
  },
  {
    said: "the backend answers that it cannot",
    path: "f",
    hand: "unavailable",
    arrange: async ({ faultNext }) => faultNext?.("unavailable"),
  },
  {
    said: "the backend asks for fewer requests",
    path: "f",
    hand: "throttled",
    arrange: async ({ faultNext }) => faultNext?.("throttled"),
  },
];

/** The files that every situation begins with. */
export function seedSituation(fixture: Fixture): Promise<void> {
  return seed(fixture, { f: '"old"', "d/f": '"old"', other: '"other"' });
}
