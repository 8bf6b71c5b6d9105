import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { s3Error, type ChecksumAlgorithm } from "@holdfast/protocol";
import type { BodyDigests, BodyHash } from "./body-hash.ts";
import type { HashOrder } from "./hash-order.ts";

/** One core stays with the thread that moves the bytes. */
const threadsMax = Math.min(4, Math.max(1, availableParallelism() - 1));

// By name, so that it is the built file also where the sources run as they are.
const moduleOfThread = createRequire(import.meta.url).resolve("@holdfast/engine/hash-thread");

/** The threads that hash large bodies, started when they are needed and kept until `close`. */
export class HashThreads {
  readonly #module: string;
  #threads: HashThread[] = [];

  constructor(module = moduleOfThread) {
    this.#module = module;
  }

  /** Pieces must lie in shared memory. `ServiceUnavailable` when the thread has ended meanwhile. */
  begin(algorithm: ChecksumAlgorithm): BodyHash {
    this.#threads = this.#threads.filter((thread) => !thread.hasEnded);
    let [chosen] = this.#threads.toSorted((one, other) => one.bodies - other.bodies);
    if (chosen === undefined || (chosen.bodies > 0 && this.#threads.length < threadsMax)) {
      chosen = new HashThread(this.#module);
      this.#threads.push(chosen);
    }
    return chosen.begin(algorithm);
  }

  /** Ends them; a body that is still being hashed is refused. */
  async close(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

interface Waiting {
  resolve(answer: BodyDigests | undefined): void;
  reject(error: Error): void;
}

/** One thread. It alone keeps no process alive, and one that waits for it does. */
class HashThread {
  readonly #worker: Worker;
  /** In the order in which the thread will answer. */
  readonly #waiting: Waiting[] = [];
  #next = 0;
  #ended: Error | undefined;
  /** How many are being hashed. */
  bodies = 0;

  constructor(module: string) {
    // Options of the process are not the thread's: some, like `--input-type`, it would not start with.
    this.#worker = new Worker(module, { execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (answer: BodyDigests | undefined) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#worker.unref();
      waiting?.resolve(answer);
    });
    this.#worker.on("error", (cause) => this.#end(cause));
    this.#worker.on("exit", (code) => this.#end(code));
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  begin(algorithm: ChecksumAlgorithm): BodyHash {
    const body = this.#next;
    this.#next += 1;
    this.bodies += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.bodies -= 1;
      isOpen = false;
    };
    this.#tell({ do: "begin", body, algorithm });
    return {
      update: async (piece) => {
        await this.#ask({ do: "update", body, piece });
      },
      digest: async () => {
        const digests = await this.#ask({ do: "digest", body }).finally(close);
        if (digests === undefined) throw threadEnded("no digests");
        return digests;
      },
      abandon: () => {
        if (isOpen) this.#tell({ do: "abandon", body });
        close();
      },
    };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(order: HashOrder): Promise<BodyDigests | undefined> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.#tell(order);
    });
  }

  #tell(order: HashOrder): void {
    this.#worker.postMessage(order, []);
  }

  #end(cause: unknown): void {
    this.#ended ??= threadEnded(cause);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#ended);
  }
}

/** Nothing was stored, and the next body gets a thread that lives. */
function threadEnded(cause: unknown): Error {
  return s3Error("ServiceUnavailable", undefined, { reason: "hash_thread_ended", cause });
}
