import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { S3Client } from "@holdfast/client";
import type { Action } from "./action.ts";
import { Unsupported, type ActionCall, type Subject } from "./subject.ts";

/** A subject that does wrong what the key of its action names, and all else right: what a probe is for. */
export const badSubject: Subject = {
  name: "bad",
  version: async () => "1.2.3",
  actions: ["get", "put", "upload"],
  open: async ({ endpoint, region, bucket, credentials }) => {
    const client = new S3Client({ endpoint, region, credentials });
    return {
      act: (action, call) => act({ client, bucket }, action, call),
      close: async () => {
        client.close();
        if (vices.has("dies late")) process.exit(3);
      },
    };
  },
};

const vices = new Set<string>();

interface Place {
  readonly client: S3Client;
  readonly bucket: string;
}

async function act(place: Place, action: Action, call: ActionCall): Promise<unknown> {
  const { client, bucket } = place;
  if (action.do === "get") return get(place, action.key);
  if (action.do === "put") {
    if (action.key === "acknowledged") await client.headBucket({ bucket });
    else await client.putObject({ bucket, ...action, body: "other" });
    return null;
  }
  if (action.do !== "upload") throw new TypeError("it was not asked for that");
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of call.source()) pieces.push(piece);
  } catch (error) {
    const { key } = action;
    if (key === "truncated") await client.putObject({ bucket, key, body: Buffer.concat(pieces) });
    if (key === "parts") await client.createMultipartUpload({ bucket, key });
    throw error;
  }
  return null;
}

async function get({ client, bucket }: Place, key: string): Promise<unknown> {
  switch (key) {
    case "lies":
      return null;
    case "litters":
      await mkdtemp(join(tmpdir(), "litter-"));
      return new Promise(() => {});
    case "hangs":
      return new Promise(() => {});
    case "waits":
      return new Promise(() => setInterval(() => {}, 1000));
    case "takes its time":
      await wait(1500);
      throw Object.assign(new Error("true, and late"), { code: "NoSuchKey" });
    case "blocks":
      for (;;);
    case "dies":
      setImmediate(() => {
        throw Object.assign(new Error("nobody catches this"), { code: "EUNCAUGHT" });
      });
      return new Promise(() => {});
    case "dies late":
      vices.add(key);
      throw Object.assign(new Error("true, and then the end"), { code: "NoSuchKey" });
    case "misnames":
      throw Object.assign(new Error("NoSuchKey"), { code: "AccessDenied" });
    case "loses the name":
      throw new Error("NoSuchKey: there is no such key");
    case "unsupported":
      throw new Unsupported("it has no such call");
    case "wrong bytes":
      await client.headObject({ bucket, key });
      return new Uint8Array(100);
    default: {
      for (let time = 0; time < 5; time += 1) {
        await client.getObject({ bucket, key }).catch(() => {});
      }
      const { body } = await client.getObject({ bucket, key });
      return body;
    }
  }
}
