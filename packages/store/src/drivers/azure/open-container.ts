import type * as Sdk from "@azure/storage-blob";
import type { ContainerClient, StoragePipelineOptions } from "@azure/storage-blob";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { overHeardConnections } from "./heard-connections.ts";

/** The SDK, which is there only where somebody installed it. */
type AzureSdk = typeof Sdk;

/** What Azure's identity library has for every way to sign in; this is the part that is needed. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: object,
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** Which container, and who asks: a connection string, or the account's URL with one of a key, a SAS token and a credential. */
export interface AzureAccount {
  readonly container: string;
  /** Has the account's URL and its key or a SAS token in it. */
  readonly connectionString?: string | undefined;
  /** As `https://ACCOUNT.blob.core.windows.net`. */
  readonly accountUrl?: string | undefined;
  /** Beside a key; left out, it is the first name of the URL's host. */
  readonly accountName?: string | undefined;
  readonly accountKey?: string | undefined;
  /** With or without the question mark before it. */
  readonly sasToken?: string | undefined;
  readonly credential?: TokenCredential | undefined;
}

/** A container, and the SDK that it is of. */
export interface OpenContainer {
  readonly sdk: AzureSdk;
  readonly container: ContainerClient;
}

/** The `Requests` of this driver repeat what may be repeated, and nobody else does. */
const pipeline: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };

/** Loads the SDK and makes a client of a container; asks Azure nothing. */
export async function openContainer(account: AzureAccount): Promise<OpenContainer> {
  const sdk = await loadSdk();
  const { url, credential } = containerOf(sdk, account);
  const ways = sdk.newPipeline(credential, pipeline);
  ways.factories.push(overHeardConnections());
  return { sdk, container: new sdk.ContainerClient(url, ways) };
}

/** Throws a `TypeError` that repeats none of them, unless the options name one account and at most one way to sign in. */
export function checkAccount(account: AzureAccount): void {
  const { connectionString, accountUrl, accountKey, sasToken, credential } = account;
  const ways = [accountKey, sasToken, credential].filter((way) => way !== undefined);
  if ((connectionString === undefined) === (accountUrl === undefined)) {
    throw new TypeError("an Azure driver needs either connectionString or accountUrl");
  }
  if (ways.length > (connectionString === undefined ? 1 : 0)) {
    throw new TypeError("an Azure driver signs in by one of accountKey, sasToken and credential");
  }
  if (account.container === "") throw new TypeError("an Azure driver needs a container");
  if (accountUrl !== undefined) urlOf(accountUrl);
}

async function loadSdk(): Promise<AzureSdk> {
  try {
    return await import("@azure/storage-blob");
  } catch (cause) {
    const isMissing =
      cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    const message = isMissing
      ? "The Azure driver needs the package @azure/storage-blob: npm install @azure/storage-blob"
      : "The package @azure/storage-blob cannot be loaded.";
    const code = isMissing ? "ERR_MODULE_NOT_FOUND" : undefined;
    throw new DriverFailure({ kind: "unavailable", message, code, retryable: false, cause });
  }
}

function containerOf(sdk: AzureSdk, account: AzureAccount): ContainerClient {
  const { connectionString, accountUrl = "", accountKey, sasToken = "", credential } = account;
  if (connectionString !== undefined) {
    return new sdk.ContainerClient(connectionString, account.container, pipeline);
  }
  const url = urlOf(accountUrl);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${encodeURIComponent(account.container)}`;
  url.search = sasToken;
  if (accountKey !== undefined) {
    const name = account.accountName ?? url.hostname.replace(/\..*/, "");
    const key = new sdk.StorageSharedKeyCredential(name, accountKey);
    return new sdk.ContainerClient(url.href, key, pipeline);
  }
  return new sdk.ContainerClient(url.href, credential ?? new sdk.AnonymousCredential(), pipeline);
}

/** Node's own error would repeat the whole URL, and somebody may have put a token there. */
function urlOf(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError("accountUrl is not a URL");
  const url = new URL(text);
  if (url.search === "" && url.username === "" && url.password === "") return url;
  throw new TypeError("accountUrl has a secret in it; a SAS token belongs in sasToken");
}
