import { operations, type OperationRow } from "@holdfast/protocol";
import type { Attachment, Control } from "../access/control.ts";
import { keyToGrant } from "../access/key-to-grant.ts";
import { scopeViolation } from "../access/scope-violation.ts";
import { Scope, scopeOf } from "../access/scope.ts";
import type { Authenticated, Authorized, CopyOrigin } from "../context.ts";
import { readCopySource } from "../handlers/copy-source.ts";

const noScope = new Scope([]);

/**
 * Decides whether the principal may do this, before anyone looks whether the bucket or the key exists. What no grant
 * allows is refused as a violation of the scope.
 */
export function authorize(authenticated: Authenticated, control: Control): Authorized {
  const { principal, bucket } = authenticated;
  const attachment = control.attachment(bucket);
  if (principal.kind === "anonymous") {
    // Admitted by the bucket's binding, which is no grant: nothing further follows from it.
    const none = { authorized: true, attachment, scope: noScope, copyOrigin: undefined } as const;
    return Object.assign(authenticated, none);
  }
  const scope = scopeOf(principal.credential);
  if (!isGranted(authenticated, scope, attachment)) throw scopeViolation(bucket, scope);
  const copyOrigin = authorizeCopy(authenticated, scope, control);
  return Object.assign(authenticated, { authorized: true, attachment, scope, copyOrigin } as const);
}

function isGranted(
  { operation, bucket, key, query }: Authenticated,
  scope: Scope,
  attachment: Attachment | undefined,
): boolean {
  const { verb, target, body }: OperationRow = operations[operation];
  if (verb === "any") return target === "service" || scope.knows(bucket);
  // A form is sent to its bucket, and says in itself which key it is about.
  if (target === "object" || verb === "manage" || operation === "PostObject")
    return scope.allows(verb, bucket, keyToGrant(key, attachment));
  // A listing shows what begins with its prefix, wherever its marker or its delimiter cuts.
  const prefix = keyToGrant(query.get("prefix") ?? "", attachment);
  if (body === "none") return scope.allows(verb, bucket, prefix);
  // The keys are in the body: whoever reads it asks for each of them.
  return scope.allowsSome(verb, bucket);
}

/** A copy reads its source as a GetObject would. */
function authorizeCopy(
  { operation, headers }: Authenticated,
  scope: Scope,
  control: Control,
): CopyOrigin | undefined {
  const { header }: OperationRow = operations[operation];
  if (header !== "x-amz-copy-source") return undefined;
  const source = readCopySource(headers);
  const attachment = control.attachment(source.bucket);
  const key = keyToGrant(source.key, attachment);
  if (!scope.allows("read", source.bucket, key)) throw scopeViolation(source.bucket, scope);
  return { ...source, attachment };
}
