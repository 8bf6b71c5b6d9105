import { ConfigError } from "../config/config-error.ts";
import { readRootCredential } from "../credentials/root-credential.ts";
import type { Finding } from "./finding.ts";

/** Whether the root credential is readable by its owner alone. */
export async function checkCredential(directory: string): Promise<Finding> {
  try {
    const kept = await readRootCredential(directory);
    return {
      check: "credential",
      status: "ok",
      detail: kept === undefined ? "none yet; the first start makes one" : "kept, mode 0600",
    };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return { check: "credential", status: "fail", detail: cause.problem, mend: cause.mend };
  }
}
