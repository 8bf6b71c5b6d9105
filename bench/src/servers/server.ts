import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Server {
  readonly name: string;
  readonly port: number;
  readonly credential: Credential;
  /** Every process that serves, the one that listens first. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface Launch {
  readonly name: string;
  readonly credential: Credential;
  /** Arguments to Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port, once a line of its output states it. */
  readonly port: (line: string) => number | undefined;
}

/** Starts a server as a process of its own and waits until it says where it listens. */
export async function launch({ name, credential, args, env, port }: Launch): Promise<Server> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
  };
  for await (const line of createInterface(child.stdout)) {
    const found = port(line);
    if (found === undefined || child.pid === undefined) continue;
    // What follows is of no interest, but a full pipe would hold the server up.
    setImmediate(() => child.stdout.resume());
    return { name, port: found, credential, pids: [child.pid], stop };
  }
  throw new Error(`${name} ended before it listened`);
}

/** Processor time, user and system, that the server's processes have used so far. */
export async function cpuMs({ pids }: Server): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // Fields are counted after the command's name, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}

/** The most that the server's processes ever had resident, in MiB. */
export async function peakMib({ pids }: Server): Promise<number> {
  let kib = 0;
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    kib += Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
  }
  return kib / 1024;
}
