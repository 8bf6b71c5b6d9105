import * as v from "valibot";
import { AdminError } from "./admin-error.ts";

/** What `value` is by `schema`; throws an `AdminError` that names the first field which is wrong. */
export function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, {
    abortEarly: true,
    // A schema's own words come first; the library's would repeat the value.
    message: ({ expected }) => expected ?? "another value",
  });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = fieldOf(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    throw new AdminError("unknown_field", { field, expects: issue.message });
  }
  if (issue.received === "undefined") throw new AdminError("missing_field", { field });
  throw new AdminError("invalid_field", { field, expects: issue.message });
}

/** As JavaScript would write it: `grants[0].verbs`. */
function fieldOf({
  path = [],
}: {
  readonly path?: readonly v.IssuePathItem[] | undefined;
}): string {
  return path
    .map(({ key }, index) => {
      if (typeof key === "number") return `[${key}]`;
      return index === 0 ? String(key) : `.${String(key)}`;
    })
    .join("");
}
