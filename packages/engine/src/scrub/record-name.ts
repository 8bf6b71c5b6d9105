import { nameAt, tableOf } from "../index/keys.ts";

/** A record in words that an operator can act on, from its key. */
export function recordName(key: Buffer): string {
  const table = tableOf(key);
  switch (table) {
    case "bucket":
      return `bucket ${quoted(nameAt(key, 1).name)}`;
    case "object":
    case "upload": {
      const bucket = nameAt(key, 1);
      return `${table} ${quoted(`${bucket.name}/${nameAt(key, bucket.next).name}`)}`;
    }
    case "part":
      return `part of upload ${quoted(nameAt(key, 1).name)}`;
    case "meta":
      return `setting ${quoted(key.toString("utf8", 1))}`;
    case "blob":
    case "garbage":
    case "payload":
    case undefined:
      return `${table ?? "record"} ${key.toString("hex")}`;
  }
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
