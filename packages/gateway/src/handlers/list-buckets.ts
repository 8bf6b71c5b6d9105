import { formatIsoDate, renderResult, type XmlField } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { decodeToken, encodeToken, readLimit } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

const bucketsMax = 10_000;

/** The account's buckets in order of their names. */
export const listBuckets: Handler = async ({ query }, engine) => {
  const prefix = query.get("prefix") ?? "";
  const after = decodeToken(query.get("continuation-token"), "continuation-token") ?? "";
  const limit = readLimit(query, "max-buckets", bucketsMax);
  const { buckets, next } = await engine.listBuckets({ prefix, after, limit });
  const entries = buckets.map(({ name, createdAt }): XmlField => [
    "Bucket",
    [
      ["Name", name],
      ["CreationDate", formatIsoDate(createdAt)],
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
