/** What one item of a text has to be, or a run of any. */
type ItemTest = "any-run" | ((item: string) => boolean);

/** Tells whether a name matches: `*` is any characters, `?` one, `[a-c]` one of these, `[!a-c]` one of the others. */
export function namePattern(pattern: string): (name: string) => boolean {
  const tests = characterTests(Array.from(pattern));
  return (name) => isMatch(tests, Array.from(name));
}

/** A pattern of whole paths: where to look, how deep, and what for. */
export interface PathPattern {
  /** The folder that every match is in. */
  readonly folder: string;
  /** Whether a match may be deeper than in this folder. */
  readonly recursive: boolean;
  matches(path: string): boolean;
}

/** Reads a pattern of paths: as of names, and `**` is any number of folders, none included. */
export function pathPattern(pattern: string): PathPattern {
  const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
  const firstOpen = names.findIndex((name) => /[*?[]/.test(name));
  const fixed = firstOpen === -1 ? names.length - 1 : firstOpen;
  const open = names.slice(Math.max(fixed, 0));
  const tests = names.map((name): ItemTest => (name === "**" ? "any-run" : namePattern(name)));
  return {
    folder: names.slice(0, Math.max(fixed, 0)).join("/"),
    recursive: open.length > 1 || open.includes("**"),
    matches: (path) => isMatch(tests, path.split("/")),
  };
}

/** Goes back only to the last run of any, so that no pattern takes longer than its length times the text's. */
function isMatch(pattern: readonly ItemTest[], text: readonly string[]): boolean {
  let at = 0;
  let run = -1;
  let runText = 0;
  let i = 0;
  while (i < text.length) {
    const test = pattern[at];
    const item = text[i] ?? "";
    if (test === "any-run") {
      run = at;
      runText = i;
      at += 1;
    } else if (test !== undefined && test(item)) {
      at += 1;
      i += 1;
    } else if (run !== -1) {
      runText += 1;
      i = runText;
      at = run + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((test) => test === "any-run");
}

function characterTests(characters: readonly string[]): ItemTest[] {
  const tests: ItemTest[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at];
    const end = character === "[" ? classEnd(characters, at) : -1;
    if (end !== -1) {
      tests.push(classTest(characters.slice(at + 1, end)));
      at = end;
    } else if (character === "*") tests.push("any-run");
    else if (character === "?") tests.push(() => true);
    else tests.push((one) => one === character);
  }
  return tests;
}

/** Where a class ends: its first character may be a bracket. One without an end is no class. */
function classEnd(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === "!" ? start + 2 : start + 1;
  return characters.indexOf("]", first + 1);
}

function classTest(inside: readonly string[]): ItemTest {
  const negated = inside[0] === "!";
  const members = negated ? inside.slice(1) : inside;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members[at] ?? "";
    const to = members[at + 1] === "-" ? members[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (one) => ranges.some(([from, to]) => from <= one && one <= to) !== negated;
}
