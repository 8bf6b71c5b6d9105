const blank = /[ \t\r\n]*/y;
const string = /"(?:[ !#-[\]-\uFFFF]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const otherScalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What has to come next: the first of something may also be its end. */
type Expected = "value" | "first-value" | "end" | "key" | "first-key" | "colon";

/**
 * Where a text stops being JSON, counted in characters, or where an object has a key for the second time; undefined if
 * nowhere. `JSON.parse` tells the one in words alone, and the other not at all.
 */
export function jsonMistake(text: string): number | undefined {
  return new Scan(text).run();
}

class Scan {
  readonly #text: string;
  /** What is open: the keys so far of an object, or undefined for a list. */
  readonly #open: (Set<string> | undefined)[] = [];
  #at = 0;
  #expected: Expected = "value";

  constructor(text: string) {
    this.#text = text;
  }

  run(): number | undefined {
    for (;;) {
      this.#take(blank);
      if (this.#expected === "end" && this.#open.length === 0) {
        return this.#at === this.#text.length ? undefined : this.#at;
      }
      const before = this.#at;
      if (!this.#step()) return before;
    }
  }

  /** Takes one token; false if it is none that may stand here. */
  #step(): boolean {
    switch (this.#expected) {
      case "value":
        return this.#value();
      case "first-value":
        return this.#close("]") || this.#value();
      case "key":
        return this.#key();
      case "first-key":
        return this.#close("}") || this.#key();
      case "colon":
        return this.#mark(":", "value");
      case "end":
        return this.#more();
    }
  }

  #value(): boolean {
    if (this.#mark("{", "first-key")) return this.#open.push(new Set()) > 0;
    if (this.#mark("[", "first-value")) return this.#open.push(undefined) > 0;
    this.#expected = "end";
    return (this.#take(string) ?? this.#take(otherScalar)) !== undefined;
  }

  #key(): boolean {
    const token = this.#take(string);
    if (token === undefined) return false;
    const key = String(JSON.parse(token));
    const keys = this.#open.at(-1);
    this.#expected = "colon";
    return keys !== undefined && !keys.has(key) && keys.add(key).size > 0;
  }

  #more(): boolean {
    const isObject = this.#open.at(-1) !== undefined;
    return this.#mark(",", isObject ? "key" : "value") || this.#close(isObject ? "}" : "]");
  }

  #close(mark: string): boolean {
    if (!this.#mark(mark, "end")) return false;
    this.#open.pop();
    return true;
  }

  #mark(mark: string, next: Expected): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#expected = next;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text) ?? [];
    this.#at += token?.length ?? 0;
    return token;
  }
}
