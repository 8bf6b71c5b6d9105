/** Names and values, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Text with its variables filled in, or what is wrong with it. */
export type Interpolated = { readonly text: string } | { readonly problem: string };

const marks = /\$\$|\$\{([^}]*)(\}?)/g;
const reference = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Fills in `${NAME}` and `${NAME:-default}`; `$$` is a dollar sign, and one before anything else is itself. An empty
 * variable counts as unset. What is filled in is not looked at again.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  let problem: string | undefined;
  const filled = text.replaceAll(marks, (mark, inner: string | undefined, end: string) => {
    if (mark === "$$") return "$";
    const [, name, fallback] = reference.exec(inner ?? "") ?? [];
    if (name === undefined || end === "") {
      problem ??= "has a ${ that begins no ${NAME}: write $${ where it is meant as text";
      return "";
    }
    const value = variable(environment, name) ?? fallback;
    if (value === undefined) problem ??= `needs the environment variable ${name}, which is not set`;
    return value ?? "";
  });
  return problem === undefined ? { text: filled } : { problem };
}

function variable(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
