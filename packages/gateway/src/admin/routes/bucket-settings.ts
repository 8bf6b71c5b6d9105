import { checkCorsRules, S3Error } from "@holdfast/protocol";
import * as v from "valibot";
import { inputs } from "../../control/input.ts";
import { AdminError } from "../admin-error.ts";
import { checked } from "../checked.ts";
import { isOfEngine } from "../is-of-engine.ts";
import { idempotent } from "../idempotent.ts";
import { nextPageToken, pageOf, paging } from "../page.ts";
import { nothing, route } from "../route.ts";
import { binding, quota, recounted, usedQuota } from "../schemas/bucket.ts";
import { corsRules } from "../schemas/cors.ts";
import { fields } from "../schemas/fields.ts";

const path = fields({ bucket: inputs.bucket });
const { softBytes, hardBytes } = inputs.quota.pipe[0].entries;
const { requestsPerSecond } = inputs.anonymous.entries;
const requestsPerSecondDefault = 20;

const quotaRoutes = [
  route({
    method: "PUT",
    pattern: "/v1/buckets/{bucket}/quota",
    name: "setQuota",
    summary: "Limits what a bucket may hold, in place of the limits that it had.",
    status: 200,
    path,
    query: nothing,
    body: fields({ softBytes, hardBytes }),
    answer: quota,
    run: async ({ path: { bucket }, body }, { control }) => ({
      bucket,
      ...(await control.setQuota(checked(inputs.quota, { bucket, ...body }))),
    }),
  }),
  route({
    method: "GET",
    pattern: "/v1/buckets/{bucket}/quota",
    name: "getQuota",
    summary: "Shows the limits of a bucket, and what is counted of it.",
    status: 200,
    errors: ["no_such_setting"],
    path,
    query: nothing,
    body: nothing,
    answer: usedQuota,
    run: async ({ path: { bucket } }, { control, quotas }) => {
      control.refresh();
      const found = control.quota(bucket);
      if (found === undefined) throw new AdminError("no_such_setting", { bucket });
      return { bucket, ...found, ...(await quotas.usage(bucket)) };
    },
  }),
  route({
    method: "POST",
    pattern: "/v1/buckets/{bucket}/quota/recount",
    name: "recountBucket",
    summary: "Counts what a bucket holds, while writes go on, and says how far the count was off.",
    status: 200,
    errors: ["no_such_bucket", "unavailable"],
    path,
    query: nothing,
    body: nothing,
    answer: recounted,
    run: async ({ path: { bucket } }, { control, engine, quotas }) => {
      control.refresh();
      const isThere =
        control.attachment(bucket) !== undefined || (await isOfEngine({ engine }, bucket));
      if (!isThere) throw new AdminError("no_such_bucket", { bucket });
      return await quotas.recount(bucket);
    },
  }),
  route({
    method: "DELETE",
    pattern: "/v1/buckets/{bucket}/quota",
    name: "removeQuota",
    summary: "Removes the limits of a bucket.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async (call, { control }) =>
      await idempotent(control.removeQuota(call.path.bucket), "no_such_setting"),
  }),
];

const anonymousRoutes = [
  route({
    method: "PUT",
    pattern: "/v1/buckets/{bucket}/anonymous",
    name: "allowAnonymous",
    summary: `Lets anybody read a bucket, so many requests a second from an address: ${requestsPerSecondDefault} unless told.`,
    status: 200,
    path,
    query: nothing,
    body: fields({ requestsPerSecond: v.optional(requestsPerSecond, requestsPerSecondDefault) }),
    answer: binding,
    run: async ({ path: { bucket }, body }, { control }) => {
      const allowed = { bucket, requestsPerSecond: body.requestsPerSecond };
      await control.allowAnonymous(allowed);
      return allowed;
    },
  }),
  route({
    method: "DELETE",
    pattern: "/v1/buckets/{bucket}/anonymous",
    name: "denyAnonymous",
    summary: "Takes that back: from now on a signature is needed.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async (call, { control }) =>
      await idempotent(control.denyAnonymous(call.path.bucket), "no_such_setting"),
  }),
  route({
    method: "GET",
    pattern: "/v1/anonymous",
    name: "listAnonymous",
    summary: "Lists the buckets that anybody may read, by name.",
    status: 200,
    errors: ["bad_page_token"],
    path: nothing,
    query: fields(paging),
    body: nothing,
    answer: v.object({ bindings: v.array(binding), nextPageToken }),
    run: async ({ query }, { control }) => {
      control.refresh();
      const bindings = control
        .settings()
        .flatMap(({ bucket, anonymous }) => (anonymous ? [{ bucket, ...anonymous }] : []));
      const { entries, ...next } = pageOf(bindings, { query, idOf: ({ bucket }) => bucket });
      return { bindings: entries, ...next };
    },
  }),
];

function checkedRules({
  rules,
}: v.InferOutput<typeof corsRules>): ReturnType<typeof checkCorsRules> {
  try {
    return checkCorsRules(rules);
  } catch (cause) {
    if (!S3Error.is(cause)) throw cause;
    throw new AdminError("invalid_field", { field: "rules", expects: cause.message }, { cause });
  }
}

const corsRoutes = [
  route({
    method: "GET",
    pattern: "/v1/buckets/{bucket}/cors",
    name: "getCors",
    summary: "Shows what pages of other sites may do in a bucket.",
    status: 200,
    errors: ["no_such_setting"],
    path,
    query: nothing,
    body: nothing,
    answer: corsRules,
    run: async ({ path: { bucket } }, { control }) => {
      control.refresh();
      const rules = control.cors(bucket);
      if (rules === undefined) throw new AdminError("no_such_setting", { bucket });
      return { rules: rules.map(ruleAnswer) };
    },
  }),
  route({
    method: "PUT",
    pattern: "/v1/buckets/{bucket}/cors",
    name: "setCors",
    summary: "Says what pages of other sites may do in a bucket, in place of what was said.",
    status: 200,
    path,
    query: nothing,
    body: corsRules,
    answer: corsRules,
    run: async ({ path: { bucket }, body }, { control }) => {
      const rules = checkedRules(body);
      await control.setCors(bucket, rules);
      return { rules: rules.map(ruleAnswer) };
    },
  }),
  route({
    method: "DELETE",
    pattern: "/v1/buckets/{bucket}/cors",
    name: "removeCors",
    summary: "Removes a bucket's CORS rules.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async (call, { control }) => await control.setCors(call.path.bucket, undefined),
  }),
];

function ruleAnswer(rule: ReturnType<typeof checkCorsRules>[number]) {
  return {
    ...rule,
    allowedOrigins: [...rule.allowedOrigins],
    allowedMethods: [...rule.allowedMethods],
    allowedHeaders: [...rule.allowedHeaders],
    exposeHeaders: [...rule.exposeHeaders],
  };
}

/** What is set for one bucket. */
export const bucketSettingRoutes = [...quotaRoutes, ...anonymousRoutes, ...corsRoutes];
