import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { AzureDriver } from "./azure-driver.ts";

test("a server that answers before it has read a body and then hangs up ends the call alone", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.pause();
      socket.end("HTTP/1.1 503 Busy\r\nx-ms-error-code: ServerBusy\r\ncontent-length: 0\r\n\r\n");
      setTimeout(() => socket.destroy(), 5);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  const driver = new AzureDriver({
    container: "container",
    accountUrl: `http://127.0.0.1:${address.port}/account`,
    accountName: "account",
    accountKey: Buffer.from("the key of the account").toString("base64"),
    attemptsMax: 1,
  });
  const bytes = new Uint8Array(7 * 2 ** 20);
  const busy = { code: "ServerBusy" };
  await expect(driver.put("k", bytes, { signal: undefined })).rejects.toMatchObject(busy);
  // Vitest fails a run in which an error was heard by nobody.
  const closed = once(server, "close");
  server.close();
  await closed;
});
