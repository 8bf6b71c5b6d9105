import type { Shape, XmlDocument } from "./xml-shape.ts";

/** A tag as documents have it. */
export const tagShape = {
  key: { is: "text", required: true },
  value: { is: "text", required: true },
} as const satisfies Shape;

/** The tags of a bucket or an object. */
export const taggingDocument = {
  root: "Tagging",
  fields: {
    tagSet: { element: "Tag", within: "TagSet", is: tagShape, list: true, required: true },
  },
} as const satisfies XmlDocument;
