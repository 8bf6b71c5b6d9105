import { S3Client } from "@holdfast/client";
import type { Engine } from "@holdfast/engine";
import { S3Driver, Store } from "@holdfast/store";
import type { Fixture, Subject } from "@holdfast/store/conformance";
import type { LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";
import { startFaultyWire } from "./faulty-wire.ts";

const forbidden = { ...rootCredential, accessKeyId: "AKIANOBODYNOBODYNOB1" };

let buckets = 0;

/** Buckets of a gateway, each behind a wire of its own that can be broken. Nothing is tried twice. */
export function s3Subject({ engine, port }: LocalGateway): Subject {
  return {
    name: "s3",
    make: () => makeFixture(engine, port),
    secrets: [rootCredential.secretAccessKey, rootCredential.accessKeyId],
  };
}

async function makeFixture(engine: Engine, port: number): Promise<Fixture> {
  buckets += 1;
  const bucket = `conformance-${buckets}`;
  await engine.createBucket(bucket);
  const wire = await startFaultyWire(port);
  const options = { region, endpoint: `http://127.0.0.1:${wire.port}`, attemptsMax: 1 };
  const allowed = new S3Client({ ...options, credentials: rootCredential });
  const denied = new S3Client({ ...options, credentials: forbidden });
  const behind = new S3Client({
    region,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: rootCredential,
  });
  let isDenied = false;
  const refused = new S3Driver({ client: denied, bucket });
  const driver = new Proxy(new S3Driver({ client: allowed, bucket }), {
    get(target, name): unknown {
      const current = isDenied ? refused : target;
      const value: unknown = Reflect.get(current, name, current);
      const isMethod = typeof value === "function" && name !== "constructor";
      return isMethod ? value.bind(current) : value;
    },
  });
  return {
    driver,
    store: Store.over(driver),
    leftovers: async () => {
      const { uploads } = await behind.listMultipartUploads({ bucket }).page();
      return uploads.map(({ key, uploadId }) => `${key} ${uploadId}`);
    },
    dropContainer: async () => {
      const objects: string[] = [];
      for await (const { key } of behind.listObjects({ bucket })) objects.push(key);
      for (let at = 0; at < objects.length; at += 1000) {
        await behind.deleteObjects({ bucket, objects: objects.slice(at, at + 1000) });
      }
      await behind.deleteBucket({ bucket });
    },
    denyAll: async () => {
      isDenied = true;
    },
    faultNext: async (fault) => wire.next(fault),
    end: async () => {
      for (const one of [allowed, denied, behind]) one.close();
      await wire.close();
    },
  };
}
