import type { Secret } from "../config/secret.ts";
import { count, httpUrl, secretsByName, text } from "../config/kind.ts";
import { HttpDriver } from "../drivers/http/http-driver.ts";
import { backendType } from "./backend-type.ts";

const milliseconds = count(1, " of milliseconds");

/** What a web server has. */
export const httpBackend = backendType({
  meaning: "The files below a URL of a web server, for reading. It lists none.",
  keys: {
    baseUrl: { kind: httpUrl, required: true, meaning: "The URL that paths are below." },
    headers: {
      kind: secretsByName,
      meaning: "Headers of each request to the server, by their names, such as `authorization`.",
    },
    attemptsMax: {
      kind: count(1),
      default: "3",
      meaning: "Tries of a request, the first included.",
    },
    redirectsMax: {
      kind: count(0),
      default: "5",
      meaning: "Redirects of a request that are followed.",
    },
    ca: { kind: text, default: "Node's own", meaning: "Certificates to trust instead, in PEM." },
    timeouts: {
      meaning: "Time limits.",
      keys: {
        connectMs: { kind: milliseconds, default: "5000", meaning: "To connect." },
        headersMs: { kind: milliseconds, default: "30000", meaning: "To the head of an answer." },
        idleMs: { kind: milliseconds, default: "30000", meaning: "Between two pieces of a body." },
      },
    },
  },
  make: ({ headers, ...options }) =>
    new HttpDriver({ ...options, headers: headers && revealed(headers) }),
});

function revealed(headers: Readonly<Record<string, Secret>>): Record<string, string> {
  const texts = Object.entries(headers).map(([name, value]) => [name, value.reveal()] as const);
  return Object.fromEntries(texts);
}
