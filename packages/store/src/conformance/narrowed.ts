import type { Capability } from "../capability.ts";
import type { Driver } from "../driver.ts";

/** A driver that is said to be able to do less, and counts what it is asked. */
export interface Narrowed {
  readonly driver: Driver;
  readonly asked: () => number;
}

/** A driver with only these capabilities. */
export function narrowed(driver: Driver, capabilities: ReadonlySet<Capability>): Narrowed {
  let asked = 0;
  const proxy = new Proxy(driver, {
    get(target, name): unknown {
      if (name === "capabilities") return capabilities;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      return (...parameters: unknown[]): unknown => {
        if (name !== "failureOf") asked += 1;
        return Reflect.apply(value, target, parameters);
      };
    },
  });
  return { driver: proxy, asked: () => asked };
}
