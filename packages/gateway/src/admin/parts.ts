import type { Health } from "@holdfast/engine";

/** What the functions of the admin API work on. */
export interface AdminParts {
  readonly health: () => Health;
  /** The OpenAPI document of the whole table, made when it is first asked for. */
  readonly description: () => Promise<Readonly<Record<string, unknown>>>;
}
