/** Whether these are header names as SigV4 lists them: lower case, ascending, each once. */
export function isSignedHeaderList(names: readonly string[]): boolean {
  let previous = "";
  for (const name of names) {
    // A token of RFC 9110, 5.6.2, without capitals. The authorization cannot sign itself.
    if (!/^[a-z0-9!#$%&'*+\-.^_`|~]+$/.test(name)) return false;
    if (name <= previous || name === "authorization") return false;
    previous = name;
  }
  return true;
}
