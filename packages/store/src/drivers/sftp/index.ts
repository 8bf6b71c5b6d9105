export type { SftpDriverOptions } from "./options.ts";
export { SftpDriver } from "./sftp-driver.ts";
