const keyLengthMax = 100;

/** A path of keys as a reader finds it: `backends.main.bucket`, and `backends["a.b"]` where a key is no plain word. */
export function pathText(keys: readonly string[]): string {
  return keys.map((key, index) => part(key, index === 0)).join("");
}

/** A name as it stands in a message: quoted, and not longer than one can read. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > keyLengthMax ? `${name.slice(0, keyLengthMax)}…` : name);
}

function part(key: string, isFirst: boolean): string {
  if (!/^[\w-]{1,100}$/.test(key)) return `[${quoted(key)}]`;
  return isFirst ? key : `.${key}`;
}
