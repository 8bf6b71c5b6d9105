import type { XmlField } from "@holdfast/protocol";

/** The one account that owns everything. S3's canonical user ids have this shape. */
const ownerId = "686f6c6466617374686f6c6466617374686f6c6466617374686f6c6466617374";

/** An element that names the owner: `Owner` or `Initiator`. */
export function owner(name: "Owner" | "Initiator"): XmlField {
  return [
    name,
    [
      ["ID", ownerId],
      ["DisplayName", "holdfast"],
    ],
  ];
}
