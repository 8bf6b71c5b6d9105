import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { installMissing, type Missing } from "../interop/debian.ts";
import { makeTemporaryDirectory, type TemporaryDirectory } from "../interop/temporary-directory.ts";
import { copyWorkspace } from "./workspace-copy.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the copy of the workspace is, and which clients are not on this machine. */
    sabotage: { readonly copy: string; readonly missing: Missing };
  }
}

let temporary: TemporaryDirectory | undefined;

/** Installs the clients and makes the one copy of the workspace that all defects are planted in. */
export function setup(project: TestProject): void {
  const missing = installMissing((line) => process.stdout.write(`sabotage: ${line}\n`));
  temporary = makeTemporaryDirectory();
  // Some tests act as another user, who has to load the code.
  chmodSync(temporary.path, 0o755);
  const copy = join(temporary.path, "workspace");
  copyWorkspace(join(import.meta.dirname, "../.."), copy);
  project.provide("sabotage", { copy, missing });
}

/** Removes the copy. */
export function teardown(): void {
  temporary?.remove();
  temporary = undefined;
}
