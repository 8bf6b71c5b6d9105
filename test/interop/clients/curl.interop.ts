import { open as openFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client, Driver, Target } from "../client.ts";
import { encodeKey } from "../raw-request.ts";
import { type Ran, attempt, run } from "../run.ts";
import { runClient } from "../run-subject.ts";
import { environment, type Session } from "../session.ts";
import { xmlElements } from "../xml-elements.ts";

const partBytes = 8 * 1024 * 1024;

/** curl 7.88 neither sorts nor completes a query before it signs, so each is written in canonical form. */
type Curl = (path: string, ...args: readonly string[]) => Promise<Ran>;

function signing(session: Session): Curl {
  return (path, ...args) =>
    attempt({
      file: "/usr/bin/curl",
      args: [
        "--silent",
        "--show-error",
        "--path-as-is",
        "--globoff",
        "--aws-sigv4",
        `aws:amz:${session.region}:s3`,
        "--user",
        `${session.accessKeyId}:${session.secretAccessKey}`,
        "--header",
        "x-amz-content-sha256: UNSIGNED-PAYLOAD",
        ...args,
        `${session.url}${path}`,
      ],
      env: environment(session),
    });
}

async function must(answer: Promise<Ran>): Promise<string> {
  const { status, stdout, stderr } = await answer;
  if (status !== 0) throw new Error(`curl exit ${status}\n${stdout}${stderr}`);
  return stdout;
}

const pathOf = ({ bucket, key }: Target): string => `/${bucket}/${encodeKey(key)}`;

async function uploadParts(
  curl: Curl,
  target: Target,
  options: { file: string; home: string },
): Promise<void> {
  const started = await must(
    curl(`${pathOf(target)}?uploads=`, "--fail-with-body", "--request", "POST"),
  );
  const [uploadId = ""] = xmlElements(started, "UploadId");
  const part = join(options.home, "part");
  const handle = await openFile(options.file);
  const etags: string[] = [];
  try {
    const block = Buffer.alloc(partBytes);
    for (let read = await handle.read(block); read.bytesRead > 0; read = await handle.read(block)) {
      await writeFile(part, block.subarray(0, read.bytesRead));
      const query = `partNumber=${etags.length + 1}&uploadId=${encodeURIComponent(uploadId)}`;
      const answer = await must(
        curl(
          `${pathOf(target)}?${query}`,
          "--fail-with-body",
          "--upload-file",
          part,
          "--dump-header",
          "-",
        ),
      );
      etags.push(/^etag: (\S+)/im.exec(answer)?.[1] ?? "");
    }
  } finally {
    await handle.close();
  }
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  const query = `uploadId=${encodeURIComponent(uploadId)}`;
  const type = ["--header", "content-type: application/xml"];
  await must(
    curl(
      `${pathOf(target)}?${query}`,
      "--fail-with-body",
      "--request",
      "POST",
      ...type,
      "--data-binary",
      document,
    ),
  );
}

function open(session: Session): Driver {
  const curl = signing(session);
  const ok = (path: string, ...args: readonly string[]): Promise<string> =>
    must(curl(path, "--fail-with-body", ...args));
  return {
    createBucket: async (bucket) => void (await ok(`/${bucket}`, "--request", "PUT")),
    removeBucket: async (bucket) => void (await ok(`/${bucket}`, "--request", "DELETE")),
    put: async (target, file) => void (await ok(pathOf(target), "--upload-file", file)),
    get: async (target, file) => void (await ok(pathOf(target), "--output", file)),
    head: async (target) =>
      Number(
        /^content-length: (\d+)/im.exec(await ok(pathOf(target), "--head"))?.[1] ?? Number.NaN,
      ),
    list: async (bucket) => xmlElements(await ok(`/${bucket}?list-type=2`), "Key"),
    multipart: (target, file) => uploadParts(curl, target, { file, home: session.home }),
    copy: async (target, source) => {
      const header = `x-amz-copy-source: ${pathOf({ bucket: target.bucket, key: source })}`;
      await ok(pathOf(target), "--request", "PUT", "--header", header);
    },
    presign: () => Promise.reject(new Error("curl signs headers only")),
    remove: async (target) => void (await ok(pathOf(target), "--request", "DELETE")),
    empty: async (bucket) => {
      for (const key of xmlElements(await ok(`/${bucket}?list-type=2`), "Key"))
        await ok(pathOf({ bucket, key }), "--request", "DELETE");
    },
    refusal: async ({ bucket, key }) => {
      const path = key === undefined ? `/${bucket}?list-type=2` : pathOf({ bucket, key });
      const body = join(session.home, "refusal");
      const { stdout } = await curl(path, "--output", body, "--write-out", "%{content_type}");
      const [code = "no code"] = xmlElements(await readFile(body, "utf8"), "Code");
      return stdout === "application/xml" ? code : `${code} as ${stdout}`;
    },
  };
}

const curl: Client = {
  name: "curl",
  needs: "curl",
  version: async (session) =>
    (await run({ file: "/usr/bin/curl", args: ["--version"], env: environment(session) })).replace(
      /^curl (\S+).*$/s,
      "$1",
    ),
  open,
  reports: {
    "missing-key": "NoSuchKey",
    "missing-bucket": "NoSuchBucket",
    "wrong-secret": "SignatureDoesNotMatch",
    "unknown-key-id": "InvalidAccessKeyId",
  },
  cannot: {
    "multipart:200 MB": "curl has no multipart upload of its own; 20 MB by hand show the requests",
    "presign:get": "curl signs headers only",
    "presign:put": "curl signs headers only",
  },
};

runClient(curl);
