/** Environment variables by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of the first of these variables that is set; an empty one is not, as for AWS's tools. */
export function variable(
  environment: Environment,
  ...names: readonly string[]
): string | undefined {
  return names
    .map((name) => environment[name])
    .find((value) => value !== undefined && value !== "");
}
