import type { TenantAnswer } from "@holdfast/gateway";
import { allPages } from "../all-pages.ts";
import type { AdminCommand } from "../command.ts";
import { operands } from "../named-arguments.ts";
import { textTable } from "../text-table.ts";

const { tenant } = operands;

const path = (name: string): string => `/v1/tenants/${encodeURIComponent(name)}`;

/** Turns a tenant on or off. */
function turned(word: "disable" | "enable"): AdminCommand {
  const disabled = word === "disable";
  return {
    name: `tenant ${word}`,
    summary: disabled
      ? "Refuses every request of a tenant's credentials from now on."
      : "Lets a tenant's credentials work again.",
    operands: [tenant],
    required: [],
    options: [],
    example: `tenant ${word} acme`,
    run: async (given, { api }) => {
      const name = given.required(tenant);
      const json = await api.ask<TenantAnswer>({
        method: "PATCH",
        path: path(name),
        body: { disabled },
      });
      return { json, text: `Tenant ${name} is ${disabled ? "disabled" : "enabled"}.\n` };
    },
  };
}

/** Whose credentials they are. */
export const tenantCommands: readonly AdminCommand[] = [
  {
    name: "tenant create",
    summary: "Makes a tenant, whom credentials can belong to.",
    operands: [tenant],
    required: [],
    options: [],
    example: "tenant create acme",
    run: async (given, { api }) => {
      const name = given.required(tenant);
      const json = await api.ask<TenantAnswer>({
        method: "POST",
        path: "/v1/tenants",
        body: { tenant: name },
      });
      return { json, text: `Tenant ${json.tenant} is made.\n` };
    },
  },
  {
    name: "tenant list",
    summary: "Lists the tenants.",
    operands: [],
    required: [],
    options: [],
    example: "tenant list",
    run: async (_given, { api }) => {
      const tenants = await allPages<TenantAnswer>(api, { path: "/v1/tenants", list: "tenants" });
      const rows = tenants.map(({ tenant: name, disabled, createdAt }) => [
        name,
        disabled ? "disabled" : "enabled",
        createdAt,
      ]);
      const text = textTable(["TENANT", "STATE", "CREATED"], rows, "There is no tenant yet.");
      return { json: { tenants }, text };
    },
  },
  turned("disable"),
  turned("enable"),
  {
    name: "tenant delete",
    summary: "Deletes a tenant and all its credentials; their objects stay.",
    operands: [tenant],
    required: [],
    options: [],
    example: "tenant delete acme",
    run: async (given, { api }) => {
      const name = given.required(tenant);
      await api.ask({ method: "DELETE", path: path(name) });
      return { json: { deleted: name }, text: `There is no tenant ${name} any more.\n` };
    },
  },
];
