import { getObject, listObjects, putObject, S3Connection } from "@holdfast/client";
import type { Place, Subject } from "../subject.ts";

/** Holdfast's operations as functions over a connection, for who bundles three of them. */
export function open({ bucket, ...options }: Place): Subject {
  const connection = new S3Connection(options);
  return {
    put: (key, body) => putObject(connection, { bucket, key, body }),
    get: async (key) => (await (await getObject(connection, { bucket, key })).body.bytes()).length,
    read: async (key) => (await getObject(connection, { bucket, key })).body,
    list: async () => (await listObjects(connection, { bucket }).page()).contents.length,
  };
}
