import type { AdminCommand } from "./command.ts";
import { anonymousCommands } from "./commands/anonymous.ts";
import { auditCommands } from "./commands/audit.ts";
import { bucketCommands } from "./commands/bucket.ts";
import { corsCommands } from "./commands/cors.ts";
import { credentialCommands } from "./commands/credential.ts";
import { keyCommands } from "./commands/key.ts";
import { quotaCommands } from "./commands/quota.ts";
import { tenantCommands } from "./commands/tenant.ts";

/** Every command that asks a running server, in the order of the help. */
export const adminCommands: readonly AdminCommand[] = [
  ...tenantCommands,
  ...credentialCommands,
  ...bucketCommands,
  ...quotaCommands,
  ...anonymousCommands,
  ...corsCommands,
  ...auditCommands,
  ...keyCommands,
];
