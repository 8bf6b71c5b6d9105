import * as v from "valibot";
import { inputs } from "../../control/input.ts";
import { idempotent } from "../idempotent.ts";
import { nextPageToken, paging } from "../page.ts";
import { afterToken, pageToken } from "../page-token.ts";
import { nothing, route } from "../route.ts";
import { fields } from "../schemas/fields.ts";
import { tenant, tenantAnswer } from "../schemas/tenant.ts";

const path = fields({ tenant: inputs.tenantName });
const pattern = "/v1/tenants/{tenant}";

/** Whom credentials belong to. */
export const tenantRoutes = [
  route({
    method: "POST",
    pattern: "/v1/tenants",
    name: "createTenant",
    summary: "Makes a tenant.",
    status: 201,
    errors: ["already_exists"],
    path: nothing,
    query: nothing,
    body: path,
    answer: tenant,
    run: async ({ body }, { control }) =>
      tenantAnswer(await control.createTenant({ name: body.tenant })),
  }),
  route({
    method: "GET",
    pattern: "/v1/tenants",
    name: "listTenants",
    summary: "Lists the tenants by their names.",
    status: 200,
    errors: ["bad_page_token"],
    path: nothing,
    query: fields(paging),
    body: nothing,
    answer: v.object({ tenants: v.array(tenant), nextPageToken }),
    run: async ({ query }, { control }) => {
      const after = afterToken(query.pageToken);
      const { tenants, next } = await control.listTenants({ after, limit: query.limit });
      return {
        tenants: tenants.map(tenantAnswer),
        nextPageToken: next === undefined ? undefined : pageToken(next),
      };
    },
  }),
  route({
    method: "PATCH",
    pattern,
    name: "updateTenant",
    summary: "Disables a tenant, with all its credentials, or enables it.",
    status: 200,
    errors: ["no_such_tenant"],
    path,
    query: nothing,
    body: fields({ disabled: v.boolean("true or false") }),
    answer: v.object({ tenant: v.string(), disabled: v.boolean() }),
    run: async ({ path: { tenant: name }, body: { disabled } }, { control }) => {
      await (disabled ? control.disableTenant(name) : control.enableTenant(name));
      return { tenant: name, disabled };
    },
  }),
  route({
    method: "DELETE",
    pattern,
    name: "deleteTenant",
    summary: "Deletes a tenant with all its credentials. What they stored stays.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async (call, { control }) =>
      await idempotent(control.deleteTenant(call.path.tenant), "no_such_tenant"),
  }),
];
