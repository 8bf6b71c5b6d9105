import { corsMethods } from "@holdfast/protocol";
import * as v from "valibot";
import { fields } from "./fields.ts";

const texts = v.array(v.string("text"), "a list of texts");

/** One rule, checked further as one that comes by S3 is. */
const rule = fields({
  id: v.optional(v.string("text")),
  allowedOrigins: texts,
  allowedMethods: v.array(v.picklist(corsMethods), `some of ${corsMethods.join(", ")}`),
  allowedHeaders: v.optional(texts, []),
  exposeHeaders: v.optional(texts, []),
  maxAgeSeconds: v.optional(v.number("a number of seconds")),
});

export const corsRules = fields({ rules: v.array(rule, "a list of rules") });

/** What pages of other sites may do in a bucket. */
export type CorsAnswer = v.InferOutput<typeof corsRules>;
