import { openControl } from "./open-control.ts";

/** A process that says of every credential how it is, as `changing-process` says it, and makes sure of the tenant. */
const [path = "", keyFile = ""] = process.argv.slice(2);
const plane = await openControl({
  path,
  masterKeys: { file: keyFile },
  root: { accessKeyId: "ROOT", secretAccessKey: "the root's secret" },
});
if (plane.state().tenants === 0) await plane.createTenant({ name: "acme" });
for (let after: string | undefined; ;) {
  const page = await plane.listCredentials({ after, limit: 1000 });
  for (const { accessKeyId } of page.credentials) {
    const { disabled, secretAccessKey } = plane.credential(accessKeyId) ?? {};
    const is = disabled === true ? "disabled" : "enabled";
    console.log(JSON.stringify({ accessKeyId, is, secretAccessKey }));
  }
  if (page.next === undefined) break;
  after = page.next;
}
await plane.close();
