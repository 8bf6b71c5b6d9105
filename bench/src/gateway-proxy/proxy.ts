import { openEngine } from "@holdfast/engine";
import {
  openUpstreams,
  startGateway,
  type Attachment,
  type Control,
  type Credential,
} from "@holdfast/gateway";

/** A gateway with one bucket, which an upstream keeps, and one tenant, who may do what there is to do with objects. */
const [, , directory = "", settings = "{}"] = process.argv;
const { upstreamPort, upstreamBucket, upstreamCredentials, accessKeyId, secretAccessKey } =
  JSON.parse(settings);

const credential: Credential = {
  accessKeyId,
  secretAccessKey,
  tenant: "bench",
  grants: [{ bucket: "bench", prefix: "", verbs: new Set(["read", "write", "list", "delete"]) }],
  disabled: false,
};
const attachment: Attachment = {
  bucket: "bench",
  upstream: "upstream",
  remoteBucket: upstreamBucket,
  createdAt: Date.now(),
};
const control: Control = {
  refresh: () => {},
  credential: (id) => (id === accessKeyId ? credential : undefined),
  markUsed: () => {},
  attachment: (bucket) => (bucket === attachment.bucket ? attachment : undefined),
  attachments: () => [attachment],
  anonymous: () => undefined,
  cors: () => undefined,
  setCors: () => Promise.resolve(),
};
const upstreams = openUpstreams([
  {
    name: "upstream",
    endpoints: [`http://127.0.0.1:${upstreamPort}`],
    region: "us-east-1",
    credentials: upstreamCredentials,
  },
]);
const engine = await openEngine({ directory });
const gateway = await startGateway({
  engine,
  control,
  upstreams,
  region: "us-east-1",
  statusProfile: "documented",
  host: "127.0.0.1",
  port: 0,
});
process.stdout.write(`${gateway.port}\n`);
process.once("SIGTERM", () => void stop());

async function stop(): Promise<void> {
  await gateway.close({ graceMs: 0 });
  await upstreams.close();
  await engine.close();
  process.exit();
}
