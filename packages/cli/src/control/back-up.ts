import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MaintenanceTasks, ScrubReport } from "@holdfast/engine";
import { controlDatabaseName, masterKeysName } from "../commands/control-paths.ts";
import { adminTokenName } from "../credentials/admin-token.ts";
import { rootCredentialFile } from "../credentials/root-credential.ts";

interface BackUp {
  readonly tasks: MaintenanceTasks;
  readonly directory: string;
  readonly to: string;
  readonly signal: AbortSignal;
}

/** Copies a data directory whole: objects, who may ask for them, and the keys without which no secret opens. */
export function backUp({ tasks, directory, to, signal }: BackUp): Promise<ScrubReport> {
  return tasks.backup({
    to,
    signal,
    alongside: [rootCredentialFile, masterKeysName, adminTokenName],
    adding: async (copy) => {
      const from = join(directory, controlDatabaseName);
      if (!existsSync(from)) return;
      const { copyControl } = await import("@holdfast/gateway");
      await copyControl({ from, to: join(copy, controlDatabaseName) });
    },
  });
}
