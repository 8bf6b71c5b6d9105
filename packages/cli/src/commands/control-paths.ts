import { join } from "node:path";
import type { Settings } from "../config/settings.ts";

/** The names that the control plane's files have in a data directory. */
export const controlDatabaseName = "control.db";
export const masterKeysName = "master-keys";

/** Where tenants, credentials and what is set for buckets are kept. */
export function controlDatabase(settings: Settings, directory: string): string {
  return settings.controlDatabase ?? join(directory, controlDatabaseName);
}

/** Where the keys are that secrets are sealed under. */
export function masterKeyFile(settings: Settings, directory: string): string {
  return settings.masterKeyFile ?? join(directory, masterKeysName);
}
