import { formatIsoDate, renderResult, type XmlField } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { decodeToken, encodeToken, invalidArgument, readCount } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

const bucketsMax = 10_000;

/** The account's buckets in order of their names. */
export const listBuckets: Handler = async ({ query, region }, engine) => {
  const prefix = query.get("prefix") ?? "";
  const after = decodeToken(query.get("continuation-token"), "continuation-token") ?? "";
  const limit = readBucketLimit(query);
  // All buckets are in one region: a filter lets through every one or none.
  const isElsewhere = (query.get("bucket-region") ?? region) !== region;
  const page = isElsewhere ? undefined : await engine.listBuckets({ prefix, after, limit });
  const { buckets, next } = page ?? { buckets: [], next: undefined };
  const entries = buckets.map(({ name, createdAt }): XmlField => [
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
