import type { Capability } from "../capability.ts";
import type { Driver } from "../driver.ts";
import type { Store } from "../store.ts";

/**
 * How a backend goes wrong at the next chance, once:
 *
 * - `reset`: the connection breaks before the backend has heard the request.
 * - `unavailable`: the backend answers that it cannot.
 * - `throttled`: the backend asks for fewer requests.
 * - `truncated`: the bytes of the file that is read end early.
 * - `refused-keys`: a bulk deletion succeeds, and says of each key that it was refused.
 */
export type Fault = "refused-keys" | "reset" | "throttled" | "truncated" | "unavailable";

/** What a fixture can do to its backend, behind the store's back. */
export type Hand = "denyAll" | "dropContainer" | "seed" | Fault;

/** A store on an empty backend, made for one cell. */
export interface Fixture {
  readonly driver: Driver;
  readonly store: Store;
  /** What the backend holds that no listing shows: temporary files, uploads under way, files left open. */
  leftovers(): Promise<readonly string[]>;
  /** Takes the backend away. */
  end(): Promise<void>;
  /** Puts files there, by paths of the store. Left out, the store writes them. */
  readonly seed?: ((files: Readonly<Record<string, Uint8Array>>) => Promise<void>) | undefined;
  /** Takes the bucket or directory away that the files are in, with the files. */
  readonly dropContainer?: (() => Promise<void>) | undefined;
  /** From now on the backend refuses every call. */
  readonly denyAll?: (() => Promise<void>) | undefined;
  /** Has the backend fail really, on its wire if it has one. */
  readonly faultNext?: ((fault: Fault) => Promise<void>) | undefined;
}

/** A backend whose promises are to be tested. */
export interface Subject {
  readonly name: string;
  make(): Promise<Fixture>;
  /** What its fixture cannot do, with the reason. The cells that need it are skipped and say so. */
  readonly without?: Readonly<Partial<Record<Hand, string>>> | undefined;
  /** The cells that the backend is known to break, by id, with the reason. One that holds after all fails. */
  readonly exceptions?: Readonly<Record<string, string>> | undefined;
  /** What no error may show: keys, passwords, tokens. */
  readonly secrets?: readonly string[] | undefined;
}

/** A part of the driver's interface that not every driver has. */
export type Protocol = "deleteMany" | "native" | "presign" | "rename";

/** One promise of a store. */
export interface Cell {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly promise: string;
  /** Without these the promise does not apply. */
  readonly needs?: readonly Capability[];
  /** The promise is one of drivers that have these. */
  readonly protocols?: readonly Protocol[];
  /** What the fixture has to be able to do. */
  readonly hands?: readonly Hand[];
  /** Of which backends it is a promise; of both if it is left out. */
  readonly namespace?: "flat" | "tree";
  /** Rejects if it does not hold. */
  run(fixture: Fixture, subject: Subject): Promise<void>;
}
