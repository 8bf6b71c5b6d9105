import type { Defect } from "../defect.ts";

const authorize = "packages/gateway/src/stages/authorize.ts";
const authorizing = ["packages/gateway/src/stages/authorize.test.ts"];

/** What would let somebody in who has no business there. */
export const defectsOfAccess: readonly Defect[] = [
  {
    row: "gateway",
    name: "a copy whose source nobody asks about",
    file: authorize,
    find: 'if (!scope.allows("read", source.bucket, key))',
    replace: 'if (!scope.allows("read", source.bucket, key) && source.key === "")',
    tests: authorizing,
    only: "source of a copy",
  },
  {
    row: "gateway",
    name: "a listing beyond the granted prefix",
    file: authorize,
    find: "return scope.allows(verb, bucket, prefix);",
    replace: 'return scope.allowsSome(verb, bucket) || query.has("prefix");',
    tests: authorizing,
    only: "listings",
  },
  {
    row: "gateway",
    name: "a deletion of many that asks for the bucket alone",
    file: "packages/gateway/src/handlers/delete-objects.ts",
    find: 'scope.allows("delete", bucket, keyToGrant(key, attachment))',
    replace: 'scope.allowsSome("delete", bucket)',
    tests: authorizing,
    only: "deletion of many",
  },
  {
    row: "gateway",
    name: "a grant that covers what its prefix begins with",
    file: "packages/gateway/src/access/scope.ts",
    find: "key.startsWith(prefix)",
    replace: "(key.startsWith(prefix) || prefix.startsWith(key))",
    tests: ["packages/gateway/src/access/scope.test.ts"],
  },
  {
    row: "gateway",
    name: "a key whose dots an upstream follows out of the granted prefix",
    file: "packages/gateway/src/access/key-to-grant.ts",
    find: "(?:^|\\/)\\.\\.?(?:\\/|$)",
    replace: "^\\.\\.(?:\\/|$)",
    tests: ["packages/gateway/src/access/key-to-grant.test.ts"],
  },
  {
    row: "gateway",
    name: "a disabled key that strangers are told of",
    file: "packages/gateway/src/stages/authenticate.ts",
    find: "const { secretAccessKey: secret, sessionToken } = credential ?? {};",
    replace:
      "const { secretAccessKey: secret, sessionToken } = credential ?? {};\n  if (credential !== undefined) checkHolds(credential, routed.receivedAt);",
    tests: ["packages/gateway/src/stages/authenticate.test.ts"],
    only: "without the secret",
  },
  {
    row: "gateway",
    name: "a credential that holds a millisecond too long",
    file: "packages/gateway/src/access/check-holds.ts",
    find: "now < expiresAt",
    replace: "now <= expiresAt",
    tests: ["packages/gateway/src/stages/authenticate.test.ts"],
    only: "until the millisecond",
  },
  {
    row: "gateway",
    name: "a list of everybody's buckets",
    file: "packages/gateway/src/handlers/list-buckets.ts",
    find: "scope.buckets, wanted",
    replace: "undefined, wanted",
    tests: ["packages/gateway/src/handlers/list-buckets.test.ts"],
  },
  {
    row: "gateway",
    name: "a copy from a bucket of the same name on this server",
    file: "packages/gateway/src/stages/execute.ts",
    find: "copyOrigin.attachment?.upstream === attachment?.upstream",
    replace: "attachment === undefined",
    tests: authorizing,
    only: "another server keeps",
  },
  {
    row: "signing",
    name: "the beginning of a session token that passes for the whole",
    file: "packages/protocol/src/sigv4/check-session-token.ts",
    find: "isSameSignature(expected, presented)",
    replace: "expected.startsWith(presented)",
    tests: ["packages/protocol/src/sigv4/session-token.test.ts"],
  },
  {
    row: "signing",
    name: "a session token that a refusal shows",
    file: "packages/protocol/src/sigv4/verify.ts",
    find: "canonicalRequest(withoutToken(signable), secretHeaders)",
    replace: "canonicalRequest(signable, secretHeaders)",
    tests: ["packages/protocol/src/sigv4/session-token.test.ts"],
  },
];
