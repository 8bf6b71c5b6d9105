import { controlSchema } from "./control-schema.ts";
import type { SchemaPart } from "./schema-part.ts";

/** Whatever has tables in the control plane's database. A database with a part that is not here is newer. */
export const schemaParts: readonly SchemaPart[] = [controlSchema];
