import type { Fault, Fixture, Subject } from "../conformance/cell.ts";
import type { DeleteFailure, OpenedFile, Written } from "../driver.ts";
import { DriverFailure, type FailureKind } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";
import { MemoryDriver } from "./memory-driver.ts";

const kinds: Readonly<Partial<Record<Fault, FailureKind>>> = {
  reset: "unavailable",
  throttled: "throttled",
  unavailable: "unavailable",
};

/** Memory that fails as it is told: the next call, or each from now on. */
class FailingMemory extends MemoryDriver {
  #always: FailureKind | undefined;
  #next: Fault | undefined;

  failAlways(kind: FailureKind): void {
    this.#always = kind;
  }

  failNext(fault: Fault): void {
    this.#next = fault;
  }

  /** Fails if that is what it was told; afterwards it is not, unless it was for good. */
  check(): void {
    const kind = this.#always ?? (this.#next && kinds[this.#next]);
    if (kind === undefined) return;
    this.#next = undefined;
    throw new DriverFailure({ kind, cause: new Error(`injected: ${kind}`) });
  }

  takes(fault: Fault): boolean {
    if (this.#next !== fault) return false;
    this.#next = undefined;
    return true;
  }

  override async get(...parameters: Parameters<MemoryDriver["get"]>): Promise<OpenedFile> {
    const opened = await super.get(...parameters);
    return this.takes("truncated") ? { ...opened, body: halfOf(opened.body) } : opened;
  }

  /** Its body may have told it to fail. */
  override async put(...[key, body, options]: Parameters<MemoryDriver["put"]>): Promise<Written> {
    if (body instanceof Uint8Array) return super.put(key, body, options);
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(Uint8Array.from(piece));
    this.check();
    return super.put(key, Buffer.concat(pieces), options);
  }

  override async deleteMany(keys: readonly string[]): Promise<readonly DeleteFailure[]> {
    if (!this.takes("refused-keys")) return super.deleteMany(keys);
    return keys.map((key) => ({ key, error: new DriverFailure({ kind: "forbidden" }) }));
  }
}

async function* halfOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    yield piece.subarray(0, piece.byteLength / 2);
    throw new DriverFailure({ kind: "unavailable", cause: new Error("injected: truncated") });
  }
}

const asking: ReadonlySet<PropertyKey> = new Set([
  "copy",
  "delete",
  "deleteMany",
  "get",
  "listPage",
  "probe",
  "put",
  "rename",
  "stat",
]);

/** The driver with a check before each of its calls. */
function checked(memory: FailingMemory): FailingMemory {
  return new Proxy(memory, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      return (...parameters: unknown[]): unknown => {
        if (!asking.has(name)) return Reflect.apply(value, target, parameters);
        return Promise.resolve()
          .then(() => target.check())
          .then(() => Reflect.apply(value, target, parameters));
      };
    },
  });
}

/** A store in memory, as a disk names files or as S3 does. Its failures are injected, for it has no wire. */
export function memorySubject(namespace: "flat" | "tree"): Subject {
  const make = async (): Promise<Fixture> => {
    const memory = new FailingMemory({ namespace });
    const driver = checked(memory);
    return {
      driver,
      store: Store.over(driver),
      leftovers: async () => [],
      end: async () => {},
      dropContainer: async () => memory.failAlways("not-found"),
      denyAll: async () => memory.failAlways("forbidden"),
      faultNext: async (fault) => memory.failNext(fault),
    };
  };
  return { name: `memory (${namespace})`, make };
}
