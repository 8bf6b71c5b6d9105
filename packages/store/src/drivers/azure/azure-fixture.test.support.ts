import type { Fault, Fixture } from "../../conformance/cell.ts";
import { Store } from "../../store.ts";
import { AzureDriver, type AzureDriverOptions } from "./azure-driver.ts";
import { ScriptedAzure, type AzureFault } from "./scripted-azure.test.support.ts";

/** Of the scripted account, which looks at no signature. */
export const accountKey = Buffer.from("this is the key of the account!!").toString("base64");

/** A scripted Azure, and a store on it. */
export interface AzureFixture extends Fixture {
  readonly azure: ScriptedAzure;
}

/** Starts one. Nothing is tried twice, unless the options say so. */
export async function azureFixture(
  options: Partial<AzureDriverOptions> = {},
): Promise<AzureFixture> {
  const azure = new ScriptedAzure();
  await azure.start();
  const driver = new AzureDriver({
    container: "container",
    accountUrl: azure.url,
    accountName: "account",
    accountKey,
    attemptsMax: 1,
    ...options,
  });
  const leftovers = async (): Promise<readonly string[]> => [...azure.blocks.keys()];
  return {
    azure,
    driver,
    store: Store.over(driver),
    leftovers,
    end: () => azure.close(),
    dropContainer: async () => azure.dropContainer(),
    denyAll: async () => {
      azure.isDenied = true;
    },
    faultNext: async (fault) => {
      const wanted = faults[fault];
      if (wanted !== undefined) azure.failNext(wanted, fault === "truncated" ? /^GET/ : /^/);
    },
  };
}

const faults: Readonly<Partial<Record<Fault, AzureFault>>> = {
  reset: "reset",
  truncated: "truncated",
  throttled: { status: 503, code: "ServerBusy", retryAfter: 1 },
  unavailable: { status: 500, code: "InternalError" },
};
