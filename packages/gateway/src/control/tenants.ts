import { change, look, type ControlContext } from "./change.ts";
import { ControlError } from "./control-error.ts";
import { checked, inputs } from "./input.ts";

/** Whose credentials they are. */
export interface Tenant {
  readonly name: string;
  /** None of its credentials works while it is. */
  readonly disabled: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface TenantPage {
  readonly tenants: readonly Tenant[];
  /** What to ask for as `after` to have more. */
  readonly next?: string | undefined;
}

/** Makes a tenant; `already_exists` for a name that is taken. */
export async function createTenant(context: ControlContext, input: unknown): Promise<Tenant> {
  const { name } = checked(inputs.tenant, input);
  const created_at = context.now();
  await change(
    context,
    async (tx) =>
      await tx.insertInto("tenants").values({ name, disabled: 0, created_at }).execute(),
    { SQLITE_CONSTRAINT_PRIMARYKEY: "already_exists" },
  );
  return { name, disabled: false, createdAt: created_at };
}

/** The tenants in ascending order of their names, a page at a time. */
export async function listTenants(
  context: ControlContext,
  input: unknown = {},
): Promise<TenantPage> {
  const { after = "", limit } = checked(inputs.tenantPage, input);
  const rows = await look(
    context,
    async (kysely) =>
      await kysely
        .selectFrom("tenants")
        .selectAll()
        .where("name", ">", after)
        .orderBy("name")
        .limit(limit + 1)
        .execute(),
  );
  const tenants = rows
    .slice(0, limit)
    .map((row) => ({ name: row.name, disabled: row.disabled === 1, createdAt: row.created_at }));
  return { tenants, next: rows.length > limit ? tenants.at(-1)?.name : undefined };
}

/** Disables or enables a tenant, and with it all its credentials; `no_such_tenant` if there is none. */
export async function setTenantDisabled(
  context: ControlContext,
  input: unknown,
  disabled: boolean,
): Promise<void> {
  const name = checked(inputs.tenantName, input);
  await change(context, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("tenants")
      .set({ disabled: disabled ? 1 : 0 })
      .where("name", "=", name)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw new ControlError("no_such_tenant", { tenant: name });
  });
}

/** Deletes a tenant with all its credentials; `no_such_tenant` if there is none. */
export async function deleteTenant(context: ControlContext, input: unknown): Promise<void> {
  const name = checked(inputs.tenantName, input);
  await change(context, async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom("tenants")
      .where("name", "=", name)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw new ControlError("no_such_tenant", { tenant: name });
  });
}
