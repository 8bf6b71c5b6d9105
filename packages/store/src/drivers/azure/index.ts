export { AzureDriver, type AzureDriverOptions } from "./azure-driver.ts";
export { AzureError } from "./azure-error.ts";
export type { AzureAccount, TokenCredential } from "./open-container.ts";
