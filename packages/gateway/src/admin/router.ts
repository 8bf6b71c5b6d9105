import { AdminError } from "./admin-error.ts";
import type { Route } from "./route.ts";

interface Found {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

/** What the rows of a table answer: by method and path, each segment decoded once. */
export class Router {
  readonly #rows: readonly { readonly route: Route; readonly segments: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#rows = routes.map((route) => ({ route, segments: route.pattern.split("/") }));
  }

  /** Throws `no_such_path`, or `method_not_allowed` with the methods that the path takes. */
  find(method: string, path: string): Found {
    const given = path.split("/");
    const fitting = this.#rows.flatMap(({ route, segments }) => {
      const values = match(segments, given);
      return values === undefined ? [] : [{ route, values }];
    });
    if (fitting.length === 0) throw new AdminError("no_such_path");
    const wanted = method === "HEAD" ? "GET" : method;
    const found = fitting.find(({ route }) => route.method === wanted);
    if (found === undefined) {
      const methods = fitting.map(({ route }) => route.method).join(", ");
      throw new AdminError("method_not_allowed", { expects: methods });
    }
    return { route: found.route, path: decoded(found.values) };
  }
}

type Values = readonly (readonly [name: string, value: string])[];

function match(segments: readonly string[], given: readonly string[]): Values | undefined {
  if (segments.length !== given.length) return undefined;
  const values: [string, string][] = [];
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith("{")) values.push([segment.slice(1, -1), value]);
    else if (segment !== value) return undefined;
  }
  return values;
}

function decoded(values: Values): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(values.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (cause) {
    throw new AdminError("bad_request", { expects: "a path in percent-encoded UTF-8" }, { cause });
  }
}
