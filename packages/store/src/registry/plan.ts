import { Problems, type Spot } from "../config/problems.ts";
import { branchOf, noSuch, readKeys } from "../config/read-keys.ts";
import { Branch, takeIn, unread } from "../config/take-in.ts";
import type { Driver } from "../driver.ts";
import type { BackendType } from "./backend-type.ts";
import { builtInTypes } from "./built-in-types.ts";
import { storeKeys, type DriverMaker, type RegistryOptions } from "./registry-config.ts";

/** A backend whose options are read. */
export interface BackendPlan {
  readonly name: string;
  /** Makes a driver, each time another. */
  readonly make: () => Driver;
}

/** A store that can be opened. */
interface StorePlan {
  readonly backend: BackendPlan;
  readonly root: string;
}

/** All that a config says, checked. */
export interface Plan {
  readonly backends: ReadonlyMap<string, BackendPlan>;
  readonly stores: ReadonlyMap<string, StorePlan>;
}

/** Where a config comes from. */
export interface Origin {
  readonly file?: string | undefined;
  /** What relative paths are meant from. */
  readonly folder: string;
}

interface Planning {
  readonly problems: Problems;
  readonly folder: string;
  readonly types: ReadonlyMap<string, DriverMaker>;
}

const builtIns = new Map<string, BackendType>(Object.entries(builtInTypes));

/** Reads a config, or throws a `ConfigError` with all that is wrong with it. */
export function planOf(config: unknown, options: RegistryOptions<string>, origin: Origin): Plan {
  const problems = new Problems();
  const types = new Map<string, DriverMaker>(Object.entries(options.types ?? {}));
  const planning: Planning = { problems, folder: origin.folder, types };
  const environment = options.env === true ? process.env : options.env;
  const sections = sectionsOf(takeIn(config, environment, problems), problems);
  const backends = new Map<string, BackendPlan>();
  for (const [name, given] of sections.backends) {
    const make = makerOf({ given, at: ["backends", name] }, planning);
    if (make !== undefined) backends.set(name, { name, make });
  }
  const stores = new Map<string, StorePlan>();
  for (const [name, given] of sections.stores) {
    const at = ["stores", name];
    const plan = readKeys(storeKeys, { given, at }, planning);
    if (plan === undefined) continue;
    const backend = backends.get(plan.backend);
    if (backend !== undefined) stores.set(name, { root: "", ...plan, backend });
    else if (!sections.backends.has(plan.backend)) {
      problems.add(
        [...at, "backend"],
        noSuch("backend", plan.backend, [...sections.backends.keys()]),
      );
    }
  }
  problems.throwIfAny(origin.file);
  return { backends, stores };
}

interface Sections {
  readonly backends: Branch;
  readonly stores: Branch;
}

function sectionsOf(given: unknown, problems: Problems): Sections {
  const empty = new Branch();
  const top = branchOf(given, [], problems);
  if (top === undefined) return { backends: empty, stores: empty };
  const names = ["backends", "stores"] as const;
  for (const name of top.keys()) {
    if (!names.some((known) => known === name)) problems.add([name], noSuch("key", name, names));
  }
  const section = (name: (typeof names)[number]): Branch => {
    if (!top.has(name)) problems.add([name], "is missing");
    return (top.has(name) ? branchOf(top.get(name), [name], problems) : undefined) ?? empty;
  };
  return { backends: section("backends"), stores: section("stores") };
}

interface Standing {
  readonly given: unknown;
  readonly at: Spot;
}

function makerOf({ given, at }: Standing, planning: Planning): (() => Driver) | undefined {
  const { problems, types } = planning;
  const options = new Branch(branchOf(given, at, problems));
  const type = options.get("type");
  options.delete("type");
  if (typeof type !== "string") {
    if (type === undefined && given instanceof Branch) problems.add([...at, "type"], "is missing");
    else if (type !== undefined && type !== unread) problems.add([...at, "type"], "must be text");
    return undefined;
  }
  const custom = types.get(type);
  if (custom !== undefined) return () => custom(recordOf(options));
  const builtIn = builtIns.get(type);
  if (builtIn !== undefined) return builtInMaker(builtIn, { given: options, at }, planning);
  problems.add([...at, "type"], noSuch("type", type, [...types.keys(), ...builtIns.keys()]));
  return undefined;
}

function builtInMaker(
  type: BackendType,
  { given, at }: Standing,
  planning: Planning,
): (() => Driver) | undefined {
  const options = readKeys(type.keys, { given, at }, planning);
  if (options === undefined) return undefined;
  type.check?.(options, at, planning.problems);
  return () => type.make(options);
}

/** Branches as objects again, for who does not know of them. */
function recordOf(branch: Branch): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...branch].map(([key, one]) => [key, asGiven(one)]));
}

function asGiven(one: unknown): unknown {
  if (Array.isArray(one)) return one.map(asGiven);
  return one instanceof Branch ? recordOf(one) : one;
}
