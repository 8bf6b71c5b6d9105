import type { Written } from "../config/keys.ts";
import { storePath, text } from "../config/kind.ts";
import type { Environment } from "../config/interpolate.ts";
import type { Driver } from "../driver.ts";
import type { BuiltInBackendConfig } from "./built-in-types.ts";

/** What stands at each name below `stores`. */
export const storeKeys = {
  backend: { kind: text, required: true, meaning: "The name of one of the `backends`." },
  root: {
    kind: storePath,
    default: "the backend's own root",
    meaning: "The folder of the backend that is the store's root; it need not be there.",
  },
} as const;

/** Backends and stores by their names. `T` are the types of backends that are not built in. */
export interface RegistryConfig<T extends string = never> {
  readonly backends: Readonly<Record<string, BuiltInBackendConfig | CustomBackendConfig<T>>>;
  readonly stores: Readonly<Record<string, Written<typeof storeKeys>>>;
}

/** A backend of a type that the caller brings along. */
export interface CustomBackendConfig<T extends string> {
  readonly type: T;
  readonly [option: string]: unknown;
}

/**
 * Makes the driver of a backend: of all that the config says of it but its `type`. Nobody checked it. It is called when
 * a store of the backend is first asked for, and the driver is closed with the registry.
 */
export type DriverMaker = (options: Readonly<Record<string, unknown>>) => Driver;

/** How a registry reads its config. */
export interface RegistryOptions<T extends string = never> {
  /** Where `${NAME}` in values comes from; `true` is `process.env`. Without it a `${` is mere text. */
  readonly env?: true | Environment | undefined;
  /** Types of backends that are not built in, or that are to take the place of one that is. */
  readonly types?: Readonly<Record<T, DriverMaker>> | undefined;
}
