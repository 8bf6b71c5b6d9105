import * as v from "valibot";
import type { CredentialDescription } from "../../control/credential-rows.ts";
import { inputs } from "../../control/input.ts";
import { moment, momentText } from "./moment.ts";

export const credential = v.object({
  accessKeyId: v.string(),
  tenant: v.string(),
  /** Of a temporary credential: whom it was made from, and dies with. */
  parent: v.optional(v.string()),
  grants: inputs.credential.entries.grants,
  disabled: v.boolean(),
  createdAt: moment,
  expiresAt: v.optional(moment),
  lastUsedAt: v.optional(moment),
  description: v.string(),
  limits: inputs.credential.entries.limits,
});

/** A credential as the admin API shows it. */
export type CredentialAnswer = v.InferOutput<typeof credential>;

export const createdCredential = v.object({ ...credential.entries, secretAccessKey: v.string() });

/** The one answer that has the secret. */
export type CreatedCredentialAnswer = v.InferOutput<typeof createdCredential>;

export const createdSession = v.object({
  ...createdCredential.entries,
  sessionToken: v.string(),
});

/** The one answer that has the secret and the token. */
export type CreatedSessionAnswer = v.InferOutput<typeof createdSession>;

/** Shows it, without its secret. */
export function credentialAnswer(described: CredentialDescription): CredentialAnswer {
  const { masterKey: _, grants, createdAt, expiresAt, lastUsedAt, ...plain } = described;
  return {
    ...plain,
    grants: grants.map(({ bucket, prefix, verbs }) => ({ bucket, prefix, verbs: [...verbs] })),
    createdAt: momentText(createdAt),
    expiresAt: expiresAt === undefined ? undefined : momentText(expiresAt),
    lastUsedAt: lastUsedAt === undefined ? undefined : momentText(lastUsedAt),
  };
}
