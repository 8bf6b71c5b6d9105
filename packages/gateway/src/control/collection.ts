import type { Reader } from "./reader.ts";

/** How one kind of thing is read from the database, together or by name. */
export interface Source<T> {
  readonly all: (reader: Reader) => Map<string, T>;
  readonly one: (reader: Reader, name: string) => T | undefined;
}

/** The things of one kind by name, as of the last look. */
export class Collection<T> {
  readonly #source: Source<T>;
  #things: Map<string, T> = new Map();

  constructor(source: Source<T>) {
    this.#source = source;
  }

  get(name: string): T | undefined {
    return this.#things.get(name);
  }

  get size(): number {
    return this.#things.size;
  }

  names(): IterableIterator<string> {
    return this.#things.keys();
  }

  values(): IterableIterator<T> {
    return this.#things.values();
  }

  /** Reads everything; what was read holds once the returned function is called. */
  readAll(reader: Reader): () => void {
    const things = this.#source.all(reader);
    return () => {
      this.#things = things;
    };
  }

  /** Reads the one of that name, as `readAll` reads all. */
  readOne(reader: Reader, name: string): () => void {
    const thing = this.#source.one(reader, name);
    return () => {
      if (thing === undefined) this.#things.delete(name);
      else this.#things.set(name, thing);
    };
  }
}
