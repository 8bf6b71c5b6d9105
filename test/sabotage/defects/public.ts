import type { Defect } from "../defect.ts";

const anonymous = ["packages/gateway/src/access/anonymous.test.ts"];
const cors = ["packages/gateway/src/stages/cors.test.ts"];
const forms = ["packages/gateway/src/post/post-object.test.ts"];
const multipart = ["packages/gateway/src/post/multipart-form.test.ts"];
const policy = ["packages/protocol/src/sigv4/post-policy/post-policy.test.ts"];

/** What a careless endpoint would get wrong for those who have no credential of their own: anyone, pages and forms. */
export const defectsOfPublic: readonly Defect[] = [
  {
    row: "gateway",
    name: "an anonymous request with any parameter",
    file: "packages/gateway/src/access/anonymous.ts",
    find: "every((name) => parameters.has(name))",
    replace: 'every((name) => parameters.has(name) || name.startsWith("response-"))',
    tests: anonymous,
  },
  {
    row: "gateway",
    name: "a binding that counts without the gateway's own switch",
    file: "packages/gateway/src/access/anonymous.ts",
    find: "if (!access.isEnabled) throw",
    replace: 'if (!access.isEnabled && request.bucket === "") throw',
    tests: anonymous,
  },
  {
    row: "gateway",
    name: "a second Access-Control-Allow-Origin from an upstream",
    file: "packages/gateway/src/stages/cors.ts",
    find: "if (rules === undefined) return own === reply.headers ? reply : { ...reply, headers: own ?? {} };",
    replace: "if (rules === undefined) return reply;",
    tests: cors,
  },
  {
    row: "gateway",
    name: "a preflight whose headers nobody looks at",
    file: "packages/protocol/src/cors/match.ts",
    find: "return names.every((name) =>",
    replace: "return names.length > 0 || names.every((name) =>",
    tests: [...cors, "packages/protocol/src/cors/match.test.ts"],
  },
  {
    row: "gateway",
    name: "an answer that does not say that it varies by origin",
    file: "packages/gateway/src/stages/cors.ts",
    find: "headers: { ...own, ...granted, vary } };",
    replace: "headers: { ...own, ...granted } };",
    tests: cors,
  },
  {
    row: "gateway",
    name: "CORS rules that outlive their bucket",
    file: "packages/gateway/src/stages/execute.ts",
    find: 'new Set(["CreateBucket", "DeleteBucket"])',
    replace: 'new Set(["CreateBucket"])',
    tests: cors,
  },
  {
    row: "gateway",
    name: "a policy of whose conditions on one field only one must hold",
    file: "packages/protocol/src/sigv4/post-policy/check-policy.ts",
    find: 'if (!holds(condition, fields.get(condition.field) ?? "")) throw failed(condition);',
    replace:
      'if (!spoken.has(condition.field) && !holds(condition, fields.get(condition.field) ?? "")) throw failed(condition);',
    tests: policy,
  },
  {
    row: "gateway",
    name: "a form with fields that its policy does not know",
    file: "packages/protocol/src/sigv4/post-policy/check-policy.ts",
    find: "if (extra !== undefined) {",
    replace: 'if (extra === "bucket") {',
    tests: policy,
  },
  {
    row: "gateway",
    name: "a form for a key that its signer may not write",
    file: "packages/gateway/src/stages/authorize.ts",
    find: ' || operation === "PostObject")',
    replace: ")",
    tests: forms,
    only: "only where it may write",
  },
  {
    row: "gateway",
    name: "a form whose file is stored although it is too small",
    file: "packages/gateway/src/post/sized-file.ts",
    find: "  if (size >= min) return;",
    replace: "  if (size >= min || size > 0) return;",
    tests: forms,
  },
  {
    row: "gateway",
    name: "a PUT to an upstream that is whole before the form is",
    file: "packages/gateway/src/post/sized-file.ts",
    find: '      if (size > expected) throw malformedForm("file_not_last");',
    replace: "      if (size >= expected) {\n        yield piece;\n        return;\n      }",
    tests: forms,
    only: "never reaches its end there",
  },
  {
    row: "gateway",
    name: "a form that hides a copy",
    file: "packages/gateway/src/post/form-headers.ts",
    find: "  throw unsupportedHeader(name);",
    replace: "  return name;",
    tests: forms,
  },
  {
    row: "gateway",
    name: "a delimiter that is cut in two and taken for content",
    file: "packages/gateway/src/post/multipart-form.ts",
    find: "return tail.equals(this.#delimiter.subarray(0, tail.length)) ? at : bytes.length;",
    replace:
      "return tail.length < 3 && tail.equals(this.#delimiter.subarray(0, tail.length)) ? at : bytes.length;",
    tests: multipart,
  },
];
