import { spawn } from "node:child_process";
import { endWithUs } from "../end-with-us.ts";
import { cephEnvironment } from "./cluster-files.ts";

/** A daemon of Ceph's in the foreground. */
export interface Daemon {
  readonly name: string;
  /** What it said before it ended, if it has ended. */
  readonly failure: () => string | undefined;
  /** Resolves when the process is gone. */
  readonly stop: () => Promise<void>;
}

const saidCharactersMax = 4000;

/** Starts a daemon, which is killed with us at the latest. */
export function startDaemon(directory: string, name: string, args: readonly string[]): Daemon {
  const child = endWithUs(
    spawn(`/usr/bin/${name}`, ["-f", ...args], {
      env: cephEnvironment(directory),
      stdio: ["ignore", "ignore", "pipe"],
    }),
  );
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-saidCharactersMax);
  });
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      isGone = true;
      resolve();
    });
  });
  return {
    name,
    failure: () => (isGone ? `${name} ended: ${said}` : undefined),
    stop: () => {
      // All that it has is in its memory: there is nothing to save.
      child.kill("SIGKILL");
      return gone;
    },
  };
}
