import { ConfigError, type ConfigErrorCode } from "../config/config-error.ts";
import { readConfigFile } from "../config/config-file.ts";
import type { Spot } from "../config/problems.ts";
import { noSuch } from "../config/read-keys.ts";
import type { Driver } from "../driver.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import { Store } from "../store.ts";
import { planOf, type BackendPlan, type Origin, type Plan } from "./plan.ts";
import type { RegistryConfig, RegistryOptions } from "./registry-config.ts";

/**
 * Stores by their names in a config. Stores of one backend share its driver, which is made when the first of them is
 * asked for and closed with the registry.
 */
export class Registry implements AsyncDisposable {
  readonly #plan: Plan;
  readonly #file: string | undefined;
  /** Each over the whole of a backend: stores are children of it. */
  readonly #backends = new Map<BackendPlan, Store>();
  readonly #stores = new Map<string, Store>();
  #closing: Promise<void> | undefined;

  private constructor(plan: Plan, file: string | undefined) {
    this.#plan = plan;
    this.#file = file;
  }

  /** Reads a config, without asking any backend. Throws a `ConfigError` with all that is wrong with it. */
  static from<const T extends string = never>(
    config: RegistryConfig<NoInfer<T>>,
    options: RegistryOptions<T> = {},
  ): Registry {
    return Registry.#read(config, options, { folder: process.cwd() });
  }

  /**
   * Reads a file whose name ends in `.json`, `.yaml`, `.yml` or `.toml`; paths in it are meant from its folder. Rejects
   * with a `ConfigError`.
   */
  static async fromFile<const T extends string = never>(
    path: string,
    options: RegistryOptions<T> = {},
  ): Promise<Registry> {
    const { config, folder } = await readConfigFile(path);
    return Registry.#read(config, options, { file: path, folder });
  }

  static #read(config: unknown, options: RegistryOptions<string>, origin: Origin): Registry {
    return new Registry(planOf(config, options, origin), origin.file);
  }

  /**
   * The store of that name, the same each time; closing it does nothing. Throws a `ConfigError` for a name that the
   * config does not have, or a backend that cannot be made, and `Closed` once the registry is.
   */
  store(name: string): Store {
    const plan = this.#plan.stores.get(name);
    if (plan === undefined) {
      const message = noSuch("store", name, [...this.#plan.stores.keys()]);
      throw this.#error("UnknownStore", { keys: ["stores", name], message });
    }
    if (this.#closing !== undefined) {
      throw toStoreError({ kind: "closed" }, { operation: "store", backend: plan.backend.name });
    }
    const store = this.#stores.get(name) ?? this.#backend(plan.backend).child(plan.root);
    this.#stores.set(name, store);
    return store;
  }

  /**
   * Closes every backend that was made, and with it all stores. A second time it is the same promise. If any fails to,
   * all others are closed before it rejects.
   */
  close(): Promise<void> {
    this.#closing ??= closeAll([...this.#backends.values()]);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The names alone. */
  toJSON(): { readonly backends: readonly string[]; readonly stores: readonly string[] } {
    return { backends: [...this.#plan.backends.keys()], stores: [...this.#plan.stores.keys()] };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return this.toJSON();
  }

  #backend(plan: BackendPlan): Store {
    const made = this.#backends.get(plan) ?? Store.over(this.#driver(plan));
    this.#backends.set(plan, made);
    return made;
  }

  #driver({ name, make }: BackendPlan): Driver {
    try {
      return make();
    } catch (cause) {
      const message = "the backend cannot be made of its options; the cause says why";
      throw this.#error("UnusableBackend", { keys: ["backends", name], message, cause });
    }
  }

  #error(
    code: ConfigErrorCode,
    {
      keys,
      message,
      cause,
    }: { readonly keys: Spot; readonly message: string; readonly cause?: unknown },
  ): ConfigError {
    return new ConfigError({ code, problems: [{ keys, message }], file: this.#file, cause });
  }
}

/** Rejects once all are closed, if any failed to. */
async function closeAll(stores: readonly Store[]): Promise<void> {
  const ends = stores.map((store) => store.close());
  const outcomes = await Promise.allSettled(ends);
  const failures = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 1) throw new AggregateError(failures, "Several backends failed to close.");
  await Promise.all(ends);
}
