import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Order, Outcome, Report } from "./order.ts";

/** Who is measured, in a process of its own. */
export class Contender {
  readonly name: string;
  #process: ChildProcess | undefined;
  #actions: readonly string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** `driver` is the module that takes the orders. */
  async start(driver: string, args: readonly string[]): Promise<void> {
    this.#process = fork(driver, args, { execArgv: ["--no-warnings"] });
    const { actions = [] } = await this.#report();
    this.#actions = actions;
  }

  /** Tells whether it has the action at all. */
  can(action: string): boolean {
    return this.#actions.includes(action);
  }

  /** Rejects when it fails at what it was told. */
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
