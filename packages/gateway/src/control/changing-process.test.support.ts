import { writeSync } from "node:fs";
import { openControl } from "./open-control.ts";

/** A process that makes, disables and deletes credentials until it is killed, and says each change once it is done. */
const [path = "", keyFile = ""] = process.argv.slice(2);
const plane = await openControl({
  path,
  masterKeys: { file: keyFile },
  root: { accessKeyId: "ROOT", secretAccessKey: "the root's secret" },
});
const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

for (;;) {
  const { credential, secretAccessKey } = await plane.createCredential({
    tenant: "acme",
    grants: [{ bucket: "*", verbs: ["read"] }],
  });
  const { accessKeyId } = credential;
  say({ accessKeyId, is: "enabled", secretAccessKey });
  await plane.updateCredential(accessKeyId, { disabled: true });
  say({ accessKeyId, is: "disabled", secretAccessKey });
  if (accessKeyId < "AKIAM") continue;
  await plane.deleteCredential(accessKeyId);
  say({ accessKeyId, is: "deleted", secretAccessKey });
}
