import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { run, serve, temporaryFolder, type Ended } from "./holdfast.ts";

/** Makes `NAME.pem` and `NAME.key` for 127.0.0.1, which sign themselves. */
function makeCertificate(folder: string, name: string): void {
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const output = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...shape, ...output, ...names], {
    stdio: "pipe",
  });
}

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

async function buckets(endpoint: string, data: string, caFile: string): Promise<unknown> {
  const credentials: { accessKeyId: string; secretAccessKey: string } = JSON.parse(
    readFileSync(join(data, "root-credential.json"), "utf8"),
  );
  const httpsAgent = new Agent({ ca: readFileSync(caFile) });
  const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true, requestHandler: { httpsAgent }, maxAttempts: 1 }); // prettier-ignore
  onTestFinished(() => {
    s3.destroy();
    httpsAgent.destroy();
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
}

test.skipIf(!hasOpenssl())("both listeners speak TLS, take another certificate on SIGHUP, and keep theirs where it cannot be used (needs openssl)", async () => {
  const folder = temporaryFolder();
  makeCertificate(folder, "old");
  makeCertificate(folder, "new");
  const at = (name: string): string => join(folder, name);
  for (const end of ["pem", "key"]) copyFileSync(at(`old.${end}`), at(`now.${end}`));
  chmodSync(at("now.key"), 0o600);
  writeFileSync(
    at("gateway.yaml"),
    "data: data\nbuckets: [photos]\ntls: { certificate: now.pem, key: now.key }\n",
  );
  const data = at("data");
  const served = await serve(["--config", at("gateway.yaml")]);
  const { endpoint, ready } = served;
  expect([endpoint, ready["adminEndpoint"]]).toEqual([
    expect.stringMatching(/^https:/),
    expect.stringMatching(/^https:/),
  ]);
  const list = (...more: readonly string[]): Promise<Ended> =>
    run(["bucket", "list", "--data", data, ...more]);
  expect(await buckets(endpoint, data, at("old.pem"))).toEqual(["photos"]);
  await expect(buckets(endpoint, data, at("new.pem"))).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(await list("--ca-file", at("old.pem"))).toMatchObject({ status: 0, stderr: "" });
  const mistrusted = await list();
  expect([mistrusted.status, mistrusted.stdout]).toEqual([2, ""]);
  expect(mistrusted.stderr).toMatch(/^holdfast: The certificate of the admin listener at https:.* is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): .*--ca-file.*\n$/); // prettier-ignore

  copyFileSync(at("new.pem"), at("now.pem"));
  served.signal("SIGHUP");
  await served.printsOnStderr("the certificate stays as it was");
  expect(await buckets(endpoint, data, at("old.pem"))).toEqual(["photos"]);

  copyFileSync(at("new.key"), at("now.key"));
  served.signal("SIGHUP");
  await served.logs('{"event":"tls-renewed"}');
  expect(await buckets(endpoint, data, at("new.pem"))).toEqual(["photos"]);
  expect(await list("--ca-file", at("new.pem"))).toMatchObject({ status: 0, stderr: "" });
  await expect(buckets(endpoint, data, at("old.pem"))).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
}); // prettier-ignore

test.skipIf(!hasOpenssl())("a certificate that cannot be used is refused in a sentence before anything is made (needs openssl)", async () => {
  const folder = temporaryFolder();
  makeCertificate(folder, "one");
  makeCertificate(folder, "two");
  const at = (name: string): string => join(folder, name);
  for (const name of ["one.key", "two.key"]) chmodSync(at(name), 0o600);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const ended = await run(["serve", "--data", at("data"), "--listen", "127.0.0.1:0", ...args]);
    expect([ended.status, ended.stdout]).toEqual([2, ""]);
    return ended.stderr;
  };
  const certificate = ["--tls-certificate", at("one.pem")];
  expect(await refused(...certificate)).toContain("TLS has a certificate and no key: name it with --tls-key"); // prettier-ignore
  expect(await refused(...certificate, "--tls-key", at("two.key"))).toContain("is not the key of the certificate"); // prettier-ignore
  expect(await refused(...certificate, "--tls-key", at("none.key"))).toContain("cannot be read (ENOENT)"); // prettier-ignore
  chmodSync(at("one.key"), 0o644);
  expect(await refused(...certificate, "--tls-key", at("one.key"))).toContain("everybody may read it: run chmod 600"); // prettier-ignore
}); // prettier-ignore
