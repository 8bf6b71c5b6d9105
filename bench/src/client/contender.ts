import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order, Outcome, Report } from "./order.ts";

const driver = fileURLToPath(new URL("./driver.js", import.meta.url));

/** A client, in a process of its own while it is measured. */
export class Contender {
  readonly name: string;
  #process: ChildProcess | undefined;
  #actions: readonly Order["action"][] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** `file` is the client's own module. */
  async start(file: string, endpoint: string): Promise<void> {
    this.#process = fork(driver, [file, endpoint]);
    const { actions = [] } = await this.#report();
    this.#actions = actions;
  }

  /** Tells whether the client has the action at all. */
  can(action: Order["action"]): boolean {
    return this.#actions.includes(action);
  }

  /** Rejects when the client fails at what it was told. */
  async carryOut(order: Order): Promise<Outcome> {
    this.#process?.send(order);
    const { outcome } = await this.#report();
    if (outcome === undefined) throw new Error(`${this.name} said nothing of its order`);
    return outcome;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    child.disconnect();
    await once(child, "exit");
  }

  async #report(): Promise<Report> {
    const child = this.#process;
    if (child === undefined) throw new Error(`${this.name} was not started`);
    const ended = new AbortController();
    try {
      const [message] = await Promise.race([
        once(child, "message", { signal: ended.signal }),
        once(child, "exit", { signal: ended.signal }).then(() => {
          throw new Error(`${this.name} ended while it was measured`);
        }),
      ]);
      return message;
    } finally {
      ended.abort();
    }
  }
}
