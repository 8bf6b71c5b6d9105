import { ConfigError, type ConfigProblem } from "./config-error.ts";

/** Where in a config something stands: its keys from the top. */
export type Spot = readonly string[];

/** All that is found wrong with a config, told at once. */
export class Problems {
  readonly #found: Omit<ConfigProblem, "path">[] = [];

  get count(): number {
    return this.#found.length;
  }

  add(keys: Spot, message: string): void {
    this.#found.push({ keys, message });
  }

  /** Throws a `ConfigError` if anything was added. */
  throwIfAny(file: string | undefined): void {
    if (this.#found.length === 0) return;
    throw new ConfigError({ code: "InvalidConfig", problems: this.#found, file });
  }
}
