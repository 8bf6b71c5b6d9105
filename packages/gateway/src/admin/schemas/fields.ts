import { didYouMean } from "@holdfast/protocol";
import * as v from "valibot";

type Message = (issue: v.StrictObjectIssue) => string;

/** An object with these keys and no other. What it says of a wrong key names the nearest. */
export function fields<const E extends v.ObjectEntries>(
  entries: E,
): v.StrictObjectSchema<E, Message> {
  const known = Object.keys(entries);
  const schema = v.strictObject(entries, (issue) => {
    const key = issue.path?.at(-1)?.key;
    const near =
      issue.expected === "never" && typeof key === "string" ? didYouMean(key, known) : "";
    return known.length === 0 ? "no fields" : `${near}known are ${known.join(", ")}`;
  });
  const run = schema["~run"].bind(schema);
  return Object.assign(schema, {
    // An empty list would pass as an object without fields.
    "~run": (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) =>
      run({ value: Array.isArray(dataset.value) ? null : dataset.value }, config),
  });
}
