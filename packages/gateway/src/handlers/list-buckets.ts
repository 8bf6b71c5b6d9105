import { formatIsoDate, renderResult, type XmlField } from "@holdfast/protocol";
import { grantedBuckets } from "./granted-buckets.ts";
import type { Handler } from "./handler.ts";
import { decodeToken, encodeToken, invalidArgument, readCount } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

const bucketsMax = 10_000;

/** The buckets on which anything is granted to who asks, in order of their names, wherever they are kept. */
export const listBuckets: Handler = async ({ query, region, scope }, engine, control) => {
  const prefix = query.get("prefix") ?? "";
  const after = decodeToken(query.get("continuation-token"), "continuation-token") ?? "";
  const limit = readBucketLimit(query);
  // All buckets are in one region: a filter lets through every one or none.
  const isElsewhere = (query.get("bucket-region") ?? region) !== region;
  // One more than is shown: there is a next page when it exists.
  const wanted = { prefix, after, limit: limit + 1 };
  const found = isElsewhere ? [] : await grantedBuckets({ engine, control }, scope.buckets, wanted);
  const shown = found.slice(0, limit);
  const next = found.length > limit ? shown.at(-1)?.name : undefined;
  const entries = shown.map(({ name, createdAt }): XmlField => [
    "Bucket",
    [
      ["Name", name],
      ["CreationDate", formatIsoDate(createdAt)],
      ["BucketRegion", region],
    ],
  ]);
  return xmlReply(
    renderResult("ListAllMyBucketsResult", [
      owner("Owner"),
      ["Buckets", entries],
      ["ContinuationToken", next === undefined ? undefined : encodeToken(next)],
      ["Prefix", query.get("prefix")],
    ]),
  );
};

/** Unlike the other listings, this one has a least and a largest page: API_ListBuckets. */
function readBucketLimit(query: ReadonlyMap<string, string>): number {
  const limit = readCount(query, "max-buckets") ?? bucketsMax;
  if (limit >= 1 && limit <= bucketsMax) return limit;
  const message = `Argument max-buckets must be an integer between 1 and ${bucketsMax}`;
  throw invalidArgument("max-buckets", String(limit), message);
}
