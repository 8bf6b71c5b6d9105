import * as v from "valibot";
import type { Attachment } from "../../access/control.ts";
import { inputs } from "../../control/input.ts";
import { AdminError } from "../admin-error.ts";
import { isOfEngine } from "../is-of-engine.ts";
import { idempotent } from "../idempotent.ts";
import { nextPageToken, pageSize, paging } from "../page.ts";
import { afterToken, pageToken } from "../page-token.ts";
import type { AdminParts } from "../parts.ts";
import { nothing, route } from "../route.ts";
import { attachment, bucket, type BucketAnswer } from "../schemas/bucket.ts";
import { fields } from "../schemas/fields.ts";
import { momentText } from "../schemas/moment.ts";

const path = fields({ bucket: inputs.bucket });
const pattern = "/v1/buckets/{bucket}/attachment";

interface Wanted {
  readonly after: string;
  readonly limit: number;
}

/** The first of the engine's buckets and the attached ones by name. A bucket that is attached is where it is attached. */
async function buckets(
  { control, engine }: AdminParts,
  { after, limit }: Wanted,
): Promise<readonly BucketAnswer[]> {
  control.refresh();
  const own = await engine.listBuckets({ prefix: "", after, limit });
  const all = new Map<string, BucketAnswer>();
  for (const { name, createdAt } of own.buckets) {
    all.set(name, { name, createdAt: momentText(createdAt) });
  }
  for (const { bucket: name, createdAt, upstream, remoteBucket } of control.attachments()) {
    const kept = { upstream, remoteBucket };
    if (name > after) all.set(name, { name, createdAt: momentText(createdAt), attachment: kept });
  }
  return [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
}

function attached({ createdAt, ...rest }: Attachment): v.InferOutput<typeof attachment> {
  return { ...rest, createdAt: momentText(createdAt) };
}

/** Where buckets are. */
export const bucketRoutes = [
  route({
    method: "GET",
    pattern: "/v1/buckets",
    name: "listBuckets",
    summary: "Lists the buckets by name, and where each is kept.",
    status: 200,
    errors: ["bad_page_token"],
    path: nothing,
    query: fields(paging),
    body: nothing,
    answer: v.object({ buckets: v.array(bucket), nextPageToken }),
    run: async ({ query }, parts) => {
      const { limit = pageSize } = query;
      const after = afterToken(query.pageToken) ?? "";
      const found = await buckets(parts, { after, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return { buckets: shown, nextPageToken: last && pageToken(last.name) };
    },
  }),
  route({
    method: "PUT",
    pattern,
    name: "attachBucket",
    summary: "Has an upstream keep a bucket, under a name of its own there.",
    status: 200,
    errors: ["already_exists", "no_such_upstream", "remote_bucket_taken"],
    path,
    query: nothing,
    body: fields({
      upstream: inputs.attachment.entries.upstream,
      remoteBucket: inputs.attachment.entries.remoteBucket,
    }),
    answer: attachment,
    run: async ({ path: { bucket: name }, body }, parts) => {
      const { control, upstreams } = parts;
      if (!upstreams.includes(body.upstream)) {
        throw new AdminError("no_such_upstream", { upstream: body.upstream });
      }
      control.refresh();
      const kept = control.attachment(name);
      const { upstream, remoteBucket } = body;
      const isSame = kept?.upstream === upstream && kept.remoteBucket === remoteBucket;
      if (kept !== undefined && isSame) return attached(kept);
      // Its objects would be hidden, and could be there again one day under other people's grants.
      if (await isOfEngine(parts, name)) throw new AdminError("already_exists", { bucket: name });
      const made = await control.attachBucket({ bucket: name, upstream, remoteBucket });
      await parts.quotas.forget(name);
      return attached(made);
    },
  }),
  route({
    method: "DELETE",
    pattern,
    name: "detachBucket",
    summary:
      "Takes a bucket back from its upstream, and forgets its settings. What is stored there stays.",
    status: 204,
    path,
    query: nothing,
    body: nothing,
    run: async ({ path: { bucket: name } }, { control, quotas }) => {
      await idempotent(control.detachBucket(name), "no_such_setting");
      await quotas.forget(name);
    },
  }),
];
