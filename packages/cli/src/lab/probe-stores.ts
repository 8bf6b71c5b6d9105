import { StoreFileError, storeSubjects } from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import { ConfigError } from "../config/config-error.ts";
import type { ExitStatus } from "../terminal.ts";
import { labOperands } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";
import { probeSubjects } from "./probe-client.ts";

/** `holdfast probe store`: 1 when a store diverges, 2 when the file is no config of stores or nothing of it could be asked. */
export async function probeStores(given: Given, session: LabSession): Promise<ExitStatus> {
  const file = given.required(labOperands.stores);
  const stores = await storeSubjects(file).catch((cause: unknown) => {
    if (!(cause instanceof StoreFileError)) throw cause;
    const problem = cause.message.trim().replace(/\.$/, "");
    throw new ConfigError(
      problem,
      "docs/reference/store-configuration.md has what may stand there",
      { cause },
    );
  });
  return await probeSubjects(stores, given, session);
}
