import type { Values } from "../config/keys.ts";
import { count, httpUrl, secret, text } from "../config/kind.ts";
import { AzureDriver, type AzureDriverOptions } from "../drivers/azure/azure-driver.ts";
import { checkAccount } from "../drivers/azure/open-container.ts";
import { backendType } from "./backend-type.ts";

const keys = {
  container: { kind: text, required: true, meaning: "The container, which has to be there." },
  connectionString: {
    kind: secret,
    meaning:
      "Has the account's URL with a key or a SAS token in it. Either this or `accountUrl` has to be there.",
  },
  accountUrl: { kind: httpUrl, meaning: "As `https://ACCOUNT.blob.core.windows.net`." },
  accountName: {
    kind: text,
    default: "the first name of the URL's host",
    meaning: "The account's name, beside a key.",
  },
  accountKey: { kind: secret, meaning: "The account's key." },
  sasToken: { kind: secret, meaning: "A SAS token, instead of a key." },
  attemptsMax: {
    kind: count(1),
    default: "3",
    meaning: "Tries of a request, the first included.",
  },
  timeoutMs: {
    kind: count(1, " of milliseconds"),
    default: "60000",
    meaning: "To the head of an answer.",
  },
  blockBytes: {
    kind: count(1, " of bytes"),
    default: "8388608",
    meaning: "The size of a block; what fits into one is sent in one request.",
  },
  blocksAtOnce: {
    kind: count(1),
    default: "4",
    meaning: "Blocks that are sent at once, each of them in memory.",
  },
} as const;

/** A container of Azure Blob Storage. The driver loads the package that it needs with its first call. */
export const azureBackend = backendType({
  meaning:
    "The blobs of a container of Azure Blob Storage. Needs the package `@azure/storage-blob`, which is installed on its " +
    "own. Without a key, a SAS token and a connection string it asks as nobody.",
  keys,
  check(options, at, problems) {
    try {
      checkAccount(revealed(options));
    } catch (error) {
      // The driver has the rule, and its sentence repeats none of the values.
      problems.add(at, error instanceof TypeError ? error.message : "names no one account");
    }
  },
  make: (options) => new AzureDriver(revealed(options)),
});

function revealed(options: Values<typeof keys>): AzureDriverOptions {
  const { connectionString, accountKey, sasToken, ...rest } = options;
  return {
    ...rest,
    connectionString: connectionString?.reveal(),
    accountKey: accountKey?.reveal(),
    sasToken: sasToken?.reveal(),
  };
}
