import { AdminError } from "./admin-error.ts";

/** The parameters of a query string; one that is there twice is refused, since two readers could take either. */
export function queryOf(search: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(search)) {
    if (name in query) throw new AdminError("invalid_field", { field: name, expects: "one value" });
    query[name] = value;
  }
  return query;
}
