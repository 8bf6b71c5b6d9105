#!/usr/bin/env node
import { constants } from "node:os";
import { descriptorFailure } from "./descriptor-failure.ts";
import type { Terminal } from "./terminal.ts";

// A Ctrl+C reaches the process from the terminal and again from npm; that is one wish to stop.
const sameWishMs = 500;

const stop = new AbortController();
let stoppedAt: number | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stoppedAt ??= performance.now();
    if (performance.now() - stoppedAt > sameWishMs) process.exit(128 + constants.signals[signal]);
    stop.abort();
  });
}

// Whoever read the log may go away; that must not end the server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  nodeVersion: process.versions.node,
  stop: stop.signal,
  onReload: (listener) => {
    process.on("SIGHUP", listener);
    return () => process.off("SIGHUP", listener);
  },
};

try {
  // Its modules are files, too, and all of them are opened at once.
  const { main } = await import("./cli.ts");
  process.exitCode = await main(process.argv.slice(2), terminal);
} catch (failure) {
  const told = descriptorFailure(failure);
  if (told === undefined) throw failure;
  terminal.err(`holdfast: ${told.message}\n`);
  process.exitCode = 2;
}
