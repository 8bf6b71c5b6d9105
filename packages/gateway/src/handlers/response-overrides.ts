import { invalidArgument } from "./list-parameters.ts";

const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;

/** `response-content-type` and its kind replace what is stored, for this answer alone. */
export function responseOverrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  if (query.size === 0) return headers;
  for (const name of overridable) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    // The characters that a header cannot carry would end the response or add to it.
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      const message = "The value cannot stand in an HTTP header.";
      throw invalidArgument(`response-${name}`, value, message);
    }
    headers[name] = value;
  }
  return headers;
}
