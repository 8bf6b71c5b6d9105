import { readdirSync, readFileSync } from "node:fs";

/** What a process has open before it serves anyone, where the system does not tell. */
const openUsually = 64;

/** How many connections a process can carry with the file descriptors that it may have. */
export interface ConnectionBudget {
  /** Connections that are served. */
  readonly served: number;
  /** Connections that are told that there are too many, at a time. */
  readonly refused: number;
}

/**
 * Each connection may hold a second descriptor, of the file that it reads or writes. What is kept
 * back is for the engine's own files.
 */
export function connectionBudget(descriptors: number): ConnectionBudget {
  const kept = Math.min(64, Math.max(8, Math.floor(descriptors / 4)));
  const free = Math.max(0, descriptors - kept);
  const refused = Math.min(64, Math.max(2, Math.floor(free / 6)));
  return { served: Math.max(1, Math.floor((free - refused) / 2)), refused };
}

/** File descriptors that this process may still open. */
export function descriptorsFree(): number {
  return descriptorsMax() - descriptorsOpen();
}

/** File descriptors that this process may have; `Infinity` without a limit. */
export function descriptorsMax(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    if (soft !== undefined) return soft === "unlimited" ? Infinity : Number(soft);
  } catch {
    // Not Linux: Node's own report says it, but takes its time.
  }
  const { userLimits } = reported();
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Infinity;
}

interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

function reported(): Report {
  return process.report.getReport();
}

/** File descriptors that this process has. */
export function descriptorsOpen(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return openUsually;
  }
}
