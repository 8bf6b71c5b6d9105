import type { Capability } from "../capability.ts";
import type { Driver } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure, type Failure, type FailureKind } from "../errors/driver-failure.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import { canonicalPath, isCanonical, joinPath, prefixOf } from "../path.ts";
import { aborted } from "./until-aborted.ts";

/** What the guards have to know of a call. */
export interface CallSpec {
  readonly operation: string;
  readonly capability?: Capability | undefined;
  /** What the path has to name. The root is a folder. */
  readonly at: "file" | "folder";
  /** Of a call between two paths the other one. */
  readonly to?: string | undefined;
  /** Whether it makes something at the path. */
  readonly writes?: boolean | undefined;
  /** Whether it is to happen only where nothing is. */
  readonly creates?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A path as a store names it, and the key that its backend has for it. */
export interface Place {
  readonly path: string;
  readonly key: string;
}

/** Shared by a store and its children. */
interface Life {
  isClosed: boolean;
}

/**
 * What all stores do alike, whatever their driver: guards in their one order (aborted, closed, malformed path, root,
 * capability; then wrong type, missing, overwrite conflict, I/O), probes where a failure has to be told apart, and the
 * one way from what a driver rejects with to a store's error.
 */
export class Kernel {
  readonly driver: Driver;
  /** The key that every path of this store is below. */
  readonly root: string;
  readonly #life: Life;

  constructor(driver: Driver, root: string, life: Life = { isClosed: false }) {
    this.driver = driver;
    this.root = root;
    this.#life = life;
  }

  /** One that is rooted deeper, and ends with this one. */
  below(path: string): Kernel {
    return new Kernel(this.driver, joinPath(this.root, path), this.#life);
  }

  /** Ends all of them. A second time does nothing. */
  async close(): Promise<void> {
    if (this.#life.isClosed) return;
    this.#life.isClosed = true;
    await this.driver.close();
  }

  /** Does what is asked once all guards agree; whatever it fails with becomes a store's error here. */
  async run<T>(spec: CallSpec, path: string, work: (place: Place) => Promise<T>): Promise<T> {
    let place: Place | undefined;
    try {
      [place] = this.admit(spec, path, ...(spec.to === undefined ? [] : [spec.to]));
      return await work(place);
    } catch (error) {
      throw await this.#toError(error, spec, place ?? { path, key: "" });
    }
  }

  /** The guards of a call that asks the backend nothing. */
  admitNow(spec: CallSpec, path: string): Place {
    try {
      return this.admit(spec, path)[0];
    } catch (error) {
      throw this.errorOf(error, spec, path);
    }
  }

  /** The guards: of one path, or of all that a call has. */
  admit(spec: CallSpec, path: string, ...more: readonly string[]): [Place, ...Place[]] {
    if (spec.signal?.aborted === true) throw aborted(spec.signal);
    if (this.#life.isClosed) throw new DriverFailure({ kind: "closed" });
    const first = this.#place(path);
    const others = more.map((one) => this.#place(one));
    if (spec.at === "file") for (const place of [first, ...others]) refuseRoot(place);
    this.require(spec.capability);
    return [first, ...others];
  }

  /** Throws `unsupported` unless the driver has the capability. */
  require(capability: Capability | undefined): void {
    if (capability === undefined || this.driver.capabilities.has(capability)) return;
    throw new DriverFailure({ kind: "unsupported", capability });
  }

  /** The path of a backend's key, or undefined for one that no path of this store leads to. */
  pathOf(key: string): string | undefined {
    const prefix = prefixOf(this.root);
    const path = key.slice(prefix.length);
    return key.startsWith(prefix) && isCanonical(path) ? path : undefined;
  }

  /** What a failure is. Once the signal is aborted, that is why. */
  failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
    if (error instanceof DriverFailure) return error;
    const failure = this.driver.failureOf(error);
    if (signal?.aborted !== true) return failure;
    return aborted(signal, failure.ambiguous);
  }

  /** The store's error of what a stream failed with after its call had come to its end. */
  errorOf(error: unknown, spec: CallSpec, path: string): RemoteStoreError {
    if (RemoteStoreError.is(error)) return error;
    return this.#errorOf(this.failureOf(error, spec.signal), spec, path);
  }

  /** What is at a place, or undefined. It decides an answer, so a refusal or an outage fails. */
  async kindOf(
    { key }: Place,
    signal: AbortSignal | undefined,
  ): Promise<"file" | "folder" | undefined> {
    if (key === this.root) return "folder";
    const found = await this.unlessMissing(() => this.driver.stat(key, { signal }), signal);
    if (found !== undefined) return found.kind;
    if (this.driver.namespace === "tree") return undefined;
    return (await this.#hasKeysBelow(key, signal)) ? "folder" : undefined;
  }

  /** Fails unless a folder is at the place. */
  async requireFolder(place: Place, signal: AbortSignal | undefined): Promise<void> {
    const kind = await this.kindOf(place, signal);
    if (kind === "folder") return;
    throw new DriverFailure({
      kind: kind === undefined ? "not-found" : "wrong-type",
      path: place.path,
    });
  }

  /** Fails if a file is at the place, or on a tree a folder. It decides an answer, so a refusal or an outage fails. */
  async requireNoFile({ key, path }: Place, signal: AbortSignal | undefined): Promise<void> {
    const found = await this.unlessMissing(() => this.driver.stat(key, { signal }), signal);
    if (found === undefined) return;
    throw new DriverFailure({
      kind: found.kind === "file" ? "already-exists" : "wrong-type",
      path,
    });
  }

  /** What the work comes to, or undefined if it fails because nothing that can be reached is there. */
  async unlessMissing<T>(
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const { kind } = this.failureOf(error, signal);
      if (isAbsence(kind) || kind === "invalid-path") return undefined;
      throw error;
    }
  }

  #place(path: string): Place {
    const canonical = canonicalPath(path);
    return { path: canonical, key: joinPath(this.root, canonical) };
  }

  async #hasKeysBelow(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.driver.capabilities.has("list")) return false;
    const options = { recursive: true, entriesMax: 1, signal };
    const page = await this.unlessMissing(
      () => this.driver.listPage(prefixOf(key), options),
      signal,
    );
    return page !== undefined && page.entries.length > 0;
  }

  async #toError(error: unknown, spec: CallSpec, place: Place): Promise<RemoteStoreError> {
    if (RemoteStoreError.is(error)) return error;
    const failure = this.failureOf(error, spec.signal);
    const refined = (await this.#isWrongType(failure, spec, place))
      ? about(failure, place.path, "wrong-type")
      : failure;
    return this.#errorOf(refined, spec, place.path);
  }

  #errorOf(failure: Failure, spec: CallSpec, path: string): RemoteStoreError {
    const { operation, capability, writes, creates } = spec;
    const backend = this.driver.name;
    return toStoreError(failure, { operation, backend, path, capability, writes, creates });
  }

  /**
   * Whether a call failed because a folder is where it needs a file: a wrong type outranks what is missing and what is
   * in the way. It only refines a failure, so a probe that fails itself leaves the failure as it is.
   */
  async #isWrongType(failure: Failure, spec: CallSpec, { key }: Place): Promise<boolean> {
    if (spec.at !== "file" || failure.path !== undefined || key === "") return false;
    try {
      if (this.driver.namespace === "flat") {
        const isMissing = failure.kind === "not-found" && spec.writes !== true;
        return isMissing && (await this.#hasKeysBelow(key, spec.signal));
      }
      if (spec.writes !== true || !isInTheWay(failure.kind)) return false;
      return (await this.driver.stat(key, { signal: spec.signal })).kind === "folder";
    } catch {
      return false;
    }
  }
}

/** Whether a failure says that nothing is there. */
export function isAbsence(kind: FailureKind): boolean {
  return kind === "not-found" || kind === "under-file";
}

/** Whether a write found something where it must not be. */
export function isInTheWay(kind: FailureKind): boolean {
  return kind === "already-exists" || kind === "precondition-failed";
}

function refuseRoot({ path }: Place): void {
  if (path !== "") return;
  throw new DriverFailure({ kind: "invalid-path", message: "The root is a folder.", path });
}
