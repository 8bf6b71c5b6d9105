import { FallbackError, type SourceFailure } from "./fallback-error.ts";
import { isOutage } from "./is-outage.ts";
import { tell } from "./tell.ts";

/** Somewhere to read from. */
export interface NamedSource<Source> {
  readonly name: string;
  readonly source: Source;
}

/** What to fall back on, and after what. */
export interface FallbackOptions<Source> {
  /** In the order in which they are asked. */
  readonly sources: readonly NamedSource<Source>[];
  /** After which errors the next source is asked: `isOutage` by default. Any other error is the answer. */
  readonly fallsBack?: ((error: unknown) => boolean) | undefined;
  /** Told of each source that could not answer. */
  readonly onFallback?: ((failure: SourceFailure) => void) | undefined;
}

/** A value, and where it is from. */
export interface FromSource<T> {
  readonly value: T;
  /** The name of the source that answered. */
  readonly source: string;
  /** What the sources before it failed with. */
  readonly failures: readonly SourceFailure[];
}

/**
 * Asks one source after another until one answers. A failure that is no outage ends it: of the first source it is
 * thrown as it is; of a later one the error is a `FallbackError`, as the first was not heard. So it is when all fail.
 */
export async function firstSource<Source, T>(
  options: FallbackOptions<Source>,
  operation: (source: Source) => Promise<T>,
): Promise<FromSource<T>> {
  const { sources, fallsBack = isOutage, onFallback } = options;
  const failures: SourceFailure[] = [];
  let outage = true;
  for (const { name, source } of sources) {
    try {
      return { value: await operation(source), source: name, failures };
    } catch (error) {
      outage = fallsBack(error);
      if (!outage && failures.length === 0) throw error;
      failures.push({ source: name, error });
      if (!outage) break;
      tell(onFallback, { source: name, error });
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) throw new TypeError("a fallback needs a source");
  throw new FallbackError([first, ...others], outage);
}
