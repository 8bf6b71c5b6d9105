/** How far a pool goes. */
interface PoolLimits {
  /** Tasks under way at once. */
  readonly concurrency: number;
  /** Items taken whose result was not: those under way, and those that are done. */
  readonly ahead: number;
  /** Once aborted, no more items are taken. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs a task, which never rejects, on each item, several at once, and gives the results in the items' order. What the
 * source throws comes after the results of the items before it. Takes no item that it has no room for, and waits for
 * none once its signal is aborted.
 */
export async function* orderedPool<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  task: (item: Item) => Promise<Result>,
  limits: PoolLimits,
): AsyncGenerator<Result, void, undefined> {
  const pool = new Pool(task, limits);
  const feeding = pool.feed(items);
  // It is thrown below, when its turn has come.
  feeding.catch(() => {});
  const wake = (): void => pool.changed.ring();
  limits.signal?.addEventListener("abort", wake);
  try {
    yield* pool.results();
    await feeding;
  } finally {
    limits.signal?.removeEventListener("abort", wake);
    pool.leave();
  }
}

class Pool<Item, Result> {
  readonly changed = new Bell();
  readonly #task: (item: Item) => Promise<Result>;
  readonly #limits: PoolLimits;
  /** Those that were taken and not given, by their places. */
  readonly #queue = new Map<number, Promise<Result>>();
  #taken = 0;
  #given = 0;
  #running = 0;
  #fed = false;
  #left = false;

  constructor(task: (item: Item) => Promise<Result>, limits: PoolLimits) {
    this.#task = task;
    this.#limits = limits;
  }

  /** Takes items as there is room for them, until there are no more, or nobody wants more. */
  async feed(items: Iterable<Item> | AsyncIterable<Item>): Promise<void> {
    let source: Source<Item> | undefined;
    try {
      source = new Source(items, this.changed);
      while (await this.#hasRoom()) {
        source.pull();
        while (this.#wantsMore() && source.isPulling) await this.changed.heard();
        const next = source.taken();
        if (next === undefined) return;
        this.#queue.set(this.#taken, this.#run(next.item));
        this.#taken += 1;
        this.changed.ring();
      }
    } finally {
      this.#fed = true;
      this.changed.ring();
      await source?.close();
    }
  }

  async *results(): AsyncGenerator<Result, void, undefined> {
    for (;;) {
      const head = this.#queue.get(this.#given);
      if (head !== undefined) {
        const result = await head;
        this.#queue.delete(this.#given);
        this.#given += 1;
        this.changed.ring();
        yield result;
      } else if (this.#fed) return;
      else await this.changed.heard();
    }
  }

  leave(): void {
    this.#left = true;
    this.changed.ring();
  }

  /** Waits for room; false when no more items are wanted. */
  async #hasRoom(): Promise<boolean> {
    while (this.#wantsMore() && this.#isFull()) await this.changed.heard();
    return this.#wantsMore();
  }

  #wantsMore(): boolean {
    return !this.#left && this.#limits.signal?.aborted !== true;
  }

  #isFull(): boolean {
    return this.#running >= this.#limits.concurrency || this.#queue.size >= this.#limits.ahead;
  }

  async #run(item: Item): Promise<Result> {
    this.#running += 1;
    try {
      return await this.#task(item);
    } finally {
      this.#running -= 1;
      this.changed.ring();
    }
  }
}

/** Items one by one. Whoever waits for one can stop waiting, which a loop over a source cannot. */
class Source<Item> {
  readonly #iterator: Iterator<Item> | AsyncIterator<Item>;
  readonly #changed: Bell;
  #pulling = false;
  #arrived: { readonly item: Item } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #done = false;

  constructor(items: Iterable<Item> | AsyncIterable<Item>, changed: Bell) {
    // A string has no `in`.
    const source: Partial<AsyncIterable<Item>> & Iterable<Item> = Object(items);
    this.#iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    this.#changed = changed;
  }

  get isPulling(): boolean {
    return this.#pulling;
  }

  /** Asks for the next item, and rings when it has come. */
  pull(): void {
    this.#pulling = true;
    void this.#pull();
  }

  /** The item that has come; undefined when there is none. Throws what the source threw. */
  taken(): { readonly item: Item } | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const arrived = this.#arrived;
    this.#arrived = undefined;
    return arrived;
  }

  /** Lets the source clean up, and waits for that unless it is busy with an item that may never come. */
  async close(): Promise<void> {
    if (this.#done) return;
    const closing = Promise.resolve(this.#iterator.return?.());
    if (this.#pulling) closing.catch(() => {});
    else await closing;
  }

  async #pull(): Promise<void> {
    try {
      const next = await this.#iterator.next();
      if (next.done === true) this.#done = true;
      else this.#arrived = { item: next.value };
    } catch (error) {
      this.#done = true;
      this.#failure = { error };
    } finally {
      this.#pulling = false;
      this.#changed.ring();
    }
  }
}

/** Wakes all who wait for a change. */
class Bell {
  #waiting: (() => void)[] = [];

  heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
