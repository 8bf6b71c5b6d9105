import { join } from "node:path";
import type { Settings } from "../config/settings.ts";

/** Where the keys are that secrets are sealed under. */
export function masterKeyFile(settings: Settings, directory: string): string {
  return settings.masterKeyFile ?? join(directory, "master-keys");
}
