import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells a process from every other one, also of other machines and of those that had its number before. */
interface Identity {
  readonly host: string;
  readonly boot: string;
  /** The namespace that its number is of. */
  readonly namespace: string;
  readonly pid: string;
  readonly start: string;
}

/** Whether a process still runs. Of one in another container or on another machine nobody can say. */
export type Fate = "alive" | "dead" | "unknown";

const nothing = "0";
let own: Identity | undefined;

/** This process, by letters of hexadecimal numbers and hyphens. */
export function processToken(): string {
  const { host, boot, namespace, pid, start } = ownIdentity();
  return [host, boot, namespace, pid, start].join("-");
}

/** Whether the process of a token runs; what follows the token does not matter. */
export function fateOf(token: string): Fate {
  const identity = parsed(token);
  if (identity === undefined) return "unknown";
  const mine = ownIdentity();
  if (identity.boot !== mine.boot) return identity.host === mine.host ? "dead" : "unknown";
  // Without the number of a start of the kernel, the same one is told by the machine's name.
  if (mine.boot === nothing && identity.host !== mine.host) return "unknown";
  if (identity.namespace !== mine.namespace) return "unknown";
  return isRunning(Number.parseInt(identity.pid, 16), identity.start) ? "alive" : "dead";
}

/** What a token's process is called where somebody has to look for it. */
export function processName(token: string): string {
  const identity = parsed(token);
  if (identity === undefined) return "an unknown process";
  const pid = Number.parseInt(identity.pid, 16);
  const isElsewhere = fateOf(token) === "unknown";
  return isElsewhere ? `process ${pid} of another machine or container` : `process ${pid}`;
}

function parsed(token: string): Identity | undefined {
  const [host, boot, namespace, pid, start, random] = token.split("-");
  if (!host || !boot || !namespace || !pid || !start || !random) return undefined;
  return { host, boot, namespace, pid, start };
}

function ownIdentity(): Identity {
  own ??= {
    host: hashOf(hostname()),
    boot: hashOf(unlessAbsent(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))),
    namespace: hashOf(unlessAbsent(() => readlinkSync("/proc/self/ns/pid"))),
    pid: process.pid.toString(16),
    start: statOf(process.pid)?.start ?? nothing,
  };
  return own;
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is one nevertheless.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
  const stat = statOf(pid);
  if (stat === undefined || start === nothing) return true;
  return stat.start === start && stat.state !== "Z" && stat.state !== "X";
}

/** What Linux says of a process: its state, and when it was started, in ticks of the kernel's clock. */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  const text = unlessAbsent(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name before these fields may have spaces and brackets in it.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields?.[0], fields?.[19]];
  if (state === undefined || start === undefined) return undefined;
  return { state, start: Number(start).toString(16) };
}

function unlessAbsent(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function hashOf(text: string | undefined): string {
  if (text === undefined) return nothing;
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
