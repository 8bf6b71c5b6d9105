import { fork, type ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { makeScratchDirectory } from "../scratch-directory.ts";
import type { Order, PlainSettings, SubjectCard, Word } from "./messages.ts";
import type { Action } from "./action.ts";
import type { Told } from "./told.ts";

/** The same file whether this one is the source or what was built of it: Node runs what was built. */
const program = fileURLToPath(new URL("../../dist/probe/child.js", import.meta.url));

const loadMsMax = 30_000;
const closeMsMax = 1000;
/** A subject that takes more than this for what a probe asks is seen to die of it on any machine. */
const heapMiB = 512;

/** How a process ended. */
interface Ended {
  readonly how: string;
}

type Heard = Word | Ended | "nothing";

/** The process of one subject. */
export class SubjectProcess {
  readonly #subject: string;
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #words: Word[] = [];
  #ended: Ended | undefined;
  #actions = 0;
  #listen: (() => void) | undefined;

  /** Libraries are looked for from that directory. */
  constructor(subject: string, directory: string) {
    this.#subject = subject;
    this.#directory = directory;
  }

  /** Loads the subject in a new process, unless it is loaded; a string says why it cannot be. */
  async load(): Promise<SubjectCard | string> {
    this.end();
    // Of whoever is ended within its work nobody else would take away what it wrote.
    const scratch = makeScratchDirectory("subject");
    const child = fork(program, [], {
      cwd: this.#directory,
      env: { ...process.env, TMPDIR: scratch },
      execArgv: [`--max-old-space-size=${heapMiB}`, "--no-warnings"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child = child;
    this.#words = [];
    this.#actions = 0;
    this.#ended = undefined;
    child.on("message", (word: Word) => {
      if (this.#child !== child) return;
      this.#words.push(word);
      this.#listen?.();
    });
    const ended = (how: string): void => {
      if (this.#child !== child) return;
      this.#ended ??= { how };
      this.#listen?.();
    };
    child.on("error", () => ended("it could not be started"));
    // Not `exit`, which may come before what was said last.
    child.on("close", (code, signal) => {
      ended(signal ?? `exit code ${code}`);
      void rm(scratch, { recursive: true, force: true, maxRetries: 10 }).catch(() => {});
    });
    this.#order({ do: "load", subject: this.#subject });
    const heard = await this.#hear(loadMsMax);
    if (heard === "nothing") return "it did not load in time";
    if (!("says" in heard)) return `its process ended as it was loaded: ${heard.how}`;
    if (heard.says === "loaded") return heard.card;
    return heard.says === "not loaded" ? heard.reason : "its process failed as it was loaded";
  }

  /** Whether there is a process that can be told to act. */
  get isReady(): boolean {
    return this.#child !== undefined && this.#ended === undefined;
  }

  /** Whether the process has done nothing yet. */
  get isNew(): boolean {
    return this.#actions === 0;
  }

  /** Has the subject act. What has not settled by then, or has ended its process, is told so. */
  async act(action: Action, settings: PlainSettings, withinMs: number): Promise<Told> {
    this.#actions += 1;
    this.#order({ do: "act", action, settings });
    return toldBy(await this.#hear(withinMs)) ?? { outcome: "hung" };
  }

  /** Lets go of what the subject holds; tells if its process ended meanwhile. */
  async close(): Promise<Told | undefined> {
    this.#order({ do: "close" });
    const heard = await this.#hear(closeMsMax);
    if (heard === "nothing") this.end();
    else return toldBy(heard);
    return undefined;
  }

  /** Ends the process, whatever it does. */
  end(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }

  #order(order: Order): void {
    if (this.#child?.connected === true) this.#child.send(order, () => {});
  }

  /** The next word; that the process ended, once there are no more; or nothing, after so many milliseconds. */
  async #hear(ms: number): Promise<Heard> {
    if (this.#words.length === 0 && this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#listen = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#listen = undefined;
    }
    const word = this.#words.shift();
    if (word?.says === "uncaught") return { how: `uncaught ${word.name}` };
    return word ?? this.#ended ?? "nothing";
  }
}

function toldBy(heard: Heard): Told | undefined {
  if (heard === "nothing") return undefined;
  if (!("says" in heard)) return { outcome: "died", how: heard.how };
  return heard.says === "told" ? heard.told : undefined;
}
