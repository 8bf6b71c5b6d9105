const unstorable = /\0|\p{Surrogate}/u;

/** What can be bound to a statement and comes back as it was. */
export type Bindable = string | number | bigint | Uint8Array | null;

/**
 * The values, or a `TypeError` for one that would not come back the same. The library ends the whole process for a
 * boolean, makes nulls of what it does not know, cuts a text at its first NUL, and puts a replacement character where a
 * surrogate stands alone: a prefix that was cut would grant more than was said.
 */
export function bindable(values: readonly unknown[]): Bindable[] {
  return values.map((value) => {
    if (value === null || typeof value === "bigint" || value instanceof Uint8Array) return value;
    if (typeof value === "string" && !unstorable.test(value)) return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new TypeError(`a ${typeof value} that a database cannot give back unchanged`);
  });
}
