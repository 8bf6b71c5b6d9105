import { expect, onTestFinished, test } from "vitest";
import { ScriptedAzure } from "../../packages/store/src/drivers/azure/scripted-azure.test.support.ts";
import { ScriptedWeb } from "../../packages/store/src/drivers/http/scripted-web.test.support.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

/** The lines that a page's program printed. */
async function linesOf(page: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const code = codeOfPage(`docs/how-to/store/${page}.md`);
  return (await runTypeScript(code, ["store"], { ...process.env, ...env })).trim().split("\n");
}

test("the code of azure.md does what the page says", async () => {
  const azure = new ScriptedAzure();
  await azure.start();
  onTestFinished(() => azure.close());
  const account = `AccountName=account;AccountKey=${Buffer.from("key").toString("base64")}`;
  const connectionString = `DefaultEndpointsProtocol=http;${account};BlobEndpoint=${azure.url}`;
  const env = { AZURE_STORAGE_CONNECTION_STRING: connectionString };
  const [first, second, third = ""] = await linesOf("azure", env);
  expect([first, second]).toEqual(["4 text/csv", "BlobAlreadyExists 409"]);
  expect(third).toMatch(/^PreconditionFailed: .*path="2026\/q3.csv".*code="ConditionNotMet"/);
  expect(azure.blobs.get("2026/q3.csv")?.bytes.toString()).toBe("c,d\n");
});

test("the code of http.md does what the page says", async () => {
  const web = new ScriptedWeb();
  await web.start();
  onTestFinished(() => web.close());
  web.files.set("readings.csv", Buffer.from("1,2,3\n"));
  expect(await linesOf("http", { DATA_URL: web.url, DATA_TOKEN: "t" })).toEqual([
    "6 text/plain",
    "2,3",
    "1,2,3",
    "",
    "404 none.csv",
    "false",
  ]);
  expect(web.requests[0]?.headers.authorization).toBe("Bearer t");
});
