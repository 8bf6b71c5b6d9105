import * as v from "valibot";
import { inputs } from "../../control/input.ts";
import { idempotent } from "../idempotent.ts";
import { nextPageToken, paging } from "../page.ts";
import { afterToken, pageToken } from "../page-token.ts";
import { nothing, route } from "../route.ts";
import {
  createdCredential,
  createdSession,
  credential,
  credentialAnswer,
} from "../schemas/credential.ts";
import { fields } from "../schemas/fields.ts";
import { secondsFromNow } from "../schemas/moment.ts";

const path = fields({ accessKeyId: inputs.accessKeyId });
const pattern = "/v1/credentials/{accessKeyId}";
const { grants, description, limits } = inputs.credential.entries;
const changes = inputs.credentialUpdate.entries;

function expiry(seconds: number | undefined, now: () => number): number | undefined {
  return seconds === undefined ? undefined : now() + seconds * 1000;
}

/** Who may do what. */
export const credentialRoutes = [
  route({
    method: "POST",
    pattern: "/v1/credentials",
    name: "createCredential",
    summary: "Makes an access key for a tenant. Only this answer has its secret.",
    status: 201,
    errors: ["no_such_tenant"],
    path: nothing,
    query: nothing,
    body: fields({
      tenant: inputs.tenantName,
      grants,
      description,
      expiresInSeconds: v.optional(secondsFromNow),
      limits,
    }),
    answer: createdCredential,
    run: async ({ body: { expiresInSeconds, ...body } }, { control, now }) => {
      const expiresAt = expiry(expiresInSeconds, now);
      const made = await control.createCredential({ ...body, expiresAt });
      return { ...credentialAnswer(made.credential), secretAccessKey: made.secretAccessKey };
    },
  }),
  route({
    method: "GET",
    pattern: "/v1/credentials",
    name: "listCredentials",
    summary: "Lists the credentials, of a tenant or of all, by their access key ids.",
    status: 200,
    errors: ["bad_page_token"],
    path: nothing,
    query: fields({ tenant: v.optional(inputs.tenantName), ...paging }),
    body: nothing,
    answer: v.object({ credentials: v.array(credential), nextPageToken }),
    run: async ({ query: { tenant, limit, pageToken: token } }, { control }) => {
      const after = afterToken(token);
      const { credentials, next } = await control.listCredentials({ tenant, after, limit });
      return {
        credentials: credentials.map(credentialAnswer),
        nextPageToken: next === undefined ? undefined : pageToken(next),
      };
    },
  }),
  route({
    method: "GET",
    pattern,
    name: "getCredential",
    summary: "Shows a credential, without its secret.",
    status: 200,
    errors: ["no_such_credential"],
    path,
    query: nothing,
    body: nothing,
    answer: credential,
    run: async (call, { control }) =>
      credentialAnswer(await control.getCredential(call.path.accessKeyId)),
  }),
  route({
    method: "PATCH",
    pattern,
    name: "updateCredential",
    summary: "Changes a credential: what is absent stays, null takes an expiry or the limits away.",
    status: 200,
    errors: [
      "credential_is_temporary",
      "expiry_exceeds_parent",
      "grants_exceed_parent",
      "no_such_credential",
    ],
    path,
    query: nothing,
    body: fields({
      disabled: changes.disabled,
      description: changes.description,
      grants: changes.grants,
      limits: changes.limits,
      expiresInSeconds: v.optional(v.nullable(secondsFromNow)),
    }),
    answer: credential,
    run: async ({ path: { accessKeyId }, body }, { control, now }) => {
      const { expiresInSeconds: seconds, ...rest } = body;
      const expiresAt = seconds === null ? null : expiry(seconds, now);
      return credentialAnswer(await control.updateCredential(accessKeyId, { ...rest, expiresAt }));
    },
  }),
  route({
    method: "DELETE",
    pattern,
    name: "deleteCredential",
    summary: "Deletes a credential, and the temporary ones that were made from it.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async (call, { control }) =>
      await idempotent(control.deleteCredential(call.path.accessKeyId), "no_such_credential"),
  }),
  route({
    method: "POST",
    pattern: `${pattern}/sessions`,
    name: "createSession",
    summary:
      "Makes a temporary credential that can do no more than this one. Only this answer has its secret and token.",
    status: 201,
    errors: [
      "credential_is_temporary",
      "expiry_exceeds_parent",
      "grants_exceed_parent",
      "no_such_credential",
      "parent_not_usable",
    ],
    path,
    query: nothing,
    body: fields({
      expiresInSeconds: secondsFromNow,
      grants: inputs.sessionCredential.entries.grants,
      description,
    }),
    answer: createdSession,
    run: async ({ path: { accessKeyId: parent }, body }, { control, now }) => {
      const { expiresInSeconds, ...rest } = body;
      const expiresAt = now() + expiresInSeconds * 1000;
      const made = await control.createSessionCredential({ ...rest, parent, expiresAt });
      const { secretAccessKey, sessionToken } = made;
      return { ...credentialAnswer(made.credential), secretAccessKey, sessionToken };
    },
  }),
];
