import type { Attack } from "./attack-corpus.test.data.ts";
import type { WireRequest } from "./wire-request.test.data.ts";

const path =
  (edit: (target: string) => string) =>
  (request: WireRequest): WireRequest => ({
    ...request,
    target: edit(request.target),
  });

/** Attacks on the method, the path and the query of a request that is signed in its header. */
export const attacksOnTargets: Readonly<Record<string, Attack>> = {
  "method: GET becomes DELETE": {
    on: "get",
    make: (request) => ({ ...request, method: "DELETE" }),
  },
  "method: PUT becomes POST": { on: "put", make: (request) => ({ ...request, method: "POST" }) },
  "method: lower case": { on: "get", make: (request) => ({ ...request, method: "get" }) },
  "path: another key": { on: "get", make: path((target) => `${target}2`) },
  "path: another bucket": { on: "get", make: path((target) => `/x${target.slice(1)}`) },
  "path: a slash at the end": { on: "get", make: path((target) => `${target}/`) },
  "path: a slash doubled": { on: "get", make: path((target) => target.replace("/key", "//key")) },
  "path: a slash doubled in front": { on: "get", make: path((target) => `/${target}`) },
  "path: a dot segment": { on: "get", make: path((target) => target.replace("/key", "/./key")) },
  "path: a traversal": { on: "get", make: path((target) => target.replace("/key", "/x/../key")) },
  "path: a traversal from another bucket": {
    on: "get",
    make: path((target) => `/other/..${target}`),
  },
  "path: an encoded slash": { on: "get", make: path((target) => target.replace("/key", "%2Fkey")) },
  "path: an encoded traversal": {
    on: "get",
    make: path((target) => target.replace("/key", "/%2e%2e/key")),
  },
  "path: encoded twice": { on: "get", make: path((target) => target.replace("key", "%256bey")) },
  "path: a broken escape": { on: "get", make: path((target) => `${target}%ZZ`) },
  "path: half an escape": { on: "get", make: path((target) => `${target}%`) },
  "path: an overlong encoding": { on: "get", make: path((target) => `${target}%c0%ae`) },
  "path: a lone surrogate": { on: "get", make: path((target) => `${target}%ed%a0%80`) },
  "path: a NUL": { on: "get", make: path((target) => `${target}%00`) },
  "path: capitals": { on: "get", make: path((target) => target.replace("key", "KEY")) },
  "path: a path parameter": { on: "get", make: path((target) => `${target};x`) },
  "path: a backslash": {
    on: "get",
    make: path((target) => target.replace("/key", String.raw`\key`)),
  },
  "path: an encoded backslash": {
    on: "get",
    make: path((target) => target.replace("/key", "/..%5ckey")),
  },
  "path: a fragment": { on: "get", make: path((target) => `${target}#x`) },
  "path: absolute form": { on: "get", make: path((target) => `http://other${target}`) },
  "path: no slash": { on: "get", make: path((target) => target.slice(1)) },
  "query: a subresource added": { on: "get", make: path((target) => `${target}?acl`) },
  "query: a version added": { on: "get", make: path((target) => `${target}?versionId=x`) },
  "query: an upload added": {
    on: "put",
    make: path((target) => `${target}?uploadId=x&partNumber=1`),
  },
  "query: an override added": {
    on: "get",
    make: path((target) => `${target}?response-content-type=text%2Fhtml`),
  },
  "query: taken away": { on: "list", make: path((target) => target.replace(/\?.*/, "")) },
  "query: a value changed": { on: "list", make: path((target) => target.replace("=10", "=11")) },
  "query: a parameter repeated": { on: "list", make: path((target) => `${target}&max-keys=10`) },
  "query: a repeated parameter with another value": {
    on: "list",
    make: path((target) => `${target}&max-keys=1`),
  },
  "query: a parameter's capitals": {
    on: "list",
    make: path((target) => target.replace("prefix", "Prefix")),
  },
  "query: an encoded ampersand": {
    on: "list",
    make: path((target) => target.replace("&max", "%26max")),
  },
  "query: a semicolon for an ampersand": {
    on: "list",
    make: path((target) => target.replace("&max", ";max")),
  },
  "query: encoded twice": { on: "list", make: path((target) => target.replace("%2F", "%252F")) },
  "query: a broken escape": { on: "list", make: path((target) => target.replace("%2F", "%2")) },
  "query: a second question mark": { on: "list", make: path((target) => `${target}?acl`) },
  "query: hundreds of parameters": {
    on: "list",
    make: path((target) => target + "&a=b".repeat(500)),
  },
};
