import type { Defect } from "../defect.ts";

const drivers = "packages/store/src/drivers";
const azure = [`${drivers}/azure/azure-driver.test.ts`];
const http = [`${drivers}/http/http-driver.test.ts`];

/** What drivers of single back ends would do in the place of what they promise. */
export const defectsOfStoreDrivers: readonly Defect[] = [
  {
    row: "store",
    name: "a creation in Azure that replaces what is there",
    file: `${drivers}/azure/azure-driver.ts`,
    find: 'condition === "absent" ? { ifNoneMatch: "*" } : matching(condition?.etag);',
    replace: 'condition === "absent" ? {} : matching(condition?.etag);',
    tests: azure,
    only: "write.race",
  },
  {
    row: "store",
    name: "a write to Azure that the SDK repeats after its answer was lost",
    file: `${drivers}/azure/open-container.ts`,
    find: "{ retryOptions: { maxTries: 1 } }",
    replace: "{ retryOptions: { maxTries: 4, retryDelayInMs: 1 } }",
    tests: azure,
    only: "is not sent again",
  },
  {
    row: "store",
    name: "a creation in Azure that lost, and hears of its blocks alone",
    file: `${drivers}/azure/commit-blocks.ts`,
    find: "isDropped ? await unmetBy(commit) : undefined",
    replace: "isDropped ? undefined : undefined",
    tests: [`${drivers}/azure/block-upload.test.ts`],
    only: "told of the condition",
  },
  {
    row: "store",
    name: "an error of Azure that carries the request with its signature",
    file: `${drivers}/azure/requests.ts`,
    find: "throw toAzureError(error, changes);",
    replace: "throw Object.assign(toAzureError(error, changes), { cause: error });",
    tests: azure,
    only: "no error, no driver",
  },
  {
    row: "store",
    name: "a web server's redirect that takes the secret headers elsewhere",
    file: `${drivers}/http/http-driver.ts`,
    find: "...(url.origin === this.#base.origin && this.#headers),",
    replace: "...this.#headers,",
    tests: http,
    only: "redirects are followed",
  },
  {
    row: "store",
    name: "a whole file taken for the part of it that was asked for",
    file: `${drivers}/http/http-driver.ts`,
    find: "if (statusCode === 206 || !isRange) return { stat, body };",
    replace: "if (statusCode !== 0) return { stat, body };",
    tests: http,
    only: "any range is",
  },
];
