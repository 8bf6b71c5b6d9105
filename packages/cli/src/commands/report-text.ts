import type { BlobOwner, ByteRange, ScrubFinding, ScrubReport } from "@holdfast/engine";
import { printable } from "../printable.ts";

/** What was read and found, in words: a line each, and what to do at the end when something is damaged. */
export function reportText({ records, blobs, bytes, damaged, findings }: ScrubReport): string {
  const read = `read ${records} records and ${blobs} blobs, ${bytes} bytes; ${damaged} damaged\n`;
  const more = damaged - findings.length;
  const rest = more > 0 ? `and ${more} more\n` : "";
  return findings.map(findingText).join("") + rest + read;
}

/** One thing that is damaged, in words, with the objects that it concerns below it. */
export function findingText(finding: ScrubFinding): string {
  switch (finding.kind) {
    case "damaged-blob":
      return `damaged   ${finding.file}${aside(finding.quarantined)}\n${finding.owners.map(ownerText).join("")}`;
    case "missing-blob":
      return `missing   ${finding.file}${aside(finding.quarantined)}\n${finding.owners.map(ownerText).join("")}`;
    case "unreadable-blob":
      return `unreadable  ${finding.file}\n${finding.owners.map(ownerText).join("")}`;
    case "damaged-record":
      return `damaged   the record of ${printable(finding.record)}\n`;
    case "missing-record":
      return `missing   the record of ${printable(finding.record)}, which ${printable(finding.namedBy)} names\n`;
    case "wrong-count":
      return `damaged   ${finding.file} has ${Math.abs(finding.difference)} ${finding.difference < 0 ? "fewer" : "more"} records that name it than were counted: an object or part may have vanished\n`;
    case "unnamed-records":
      return `damaged   ${finding.count} bodies of small objects that no record names: their objects may have vanished\n`;
    case "damaged-index":
      return `damaged   index/${finding.file} at byte ${finding.offset}, ${finding.length} bytes: from ${printable(finding.from)} to ${printable(finding.to)}\n`;
  }
}

function aside(quarantined: string | undefined): string {
  return quarantined === undefined ? "" : `, moved to ${quarantined}`;
}

function ownerText(owner: BlobOwner): string {
  const name =
    "key" in owner
      ? `object ${JSON.stringify(`${owner.bucket}/${owner.key}`)}`
      : `part ${owner.partNumber} of upload ${owner.uploadId}`;
  return `          ${printable(name)}${bytesText(owner.ranges)}\n`;
}

function bytesText(ranges: readonly ByteRange[]): string {
  if (ranges.length === 0) return ", all of it";
  const shown = ranges.slice(0, 10).map(({ start, end }) => `${start}-${end}`);
  return `, bytes ${shown.join(", ")}${ranges.length > 10 ? " and more" : ""}`;
}
