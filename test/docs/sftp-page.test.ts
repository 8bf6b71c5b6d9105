import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../e2e/holdfast.ts";
import { login, SftpServer } from "../store/sftp/sftp-server.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

test("the code of sftp.md does what the page says", async () => {
  const home = temporaryFolder();
  await mkdir(join(home, "uploads"));
  const server = await SftpServer.start({ home });
  onTestFinished(() => server.stop());
  const printed = await runTypeScript(codeOfPage("docs/how-to/store/sftp.md"), ["store"], {
    ...process.env,
    SFTP_HOST: server.address.host,
    SFTP_PORT: String(server.address.port),
    SFTP_USER: login.username,
    SFTP_PASSWORD: login.password,
    SFTP_HOST_KEY: server.fingerprint,
  });
  expect(printed.trim().split("\n")).toEqual([
    "month,sum",
    "",
    expect.stringMatching(
      /^PermissionDenied: The server's ssh-ed25519 key SHA256:… is not one that it is known by\./,
    ),
    "true true",
    "0",
  ]);
});
