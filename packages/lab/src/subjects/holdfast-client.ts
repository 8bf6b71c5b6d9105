import { S3Client } from "@holdfast/client";
import type { Action } from "../probe/action.ts";
import { Unsupported, type ActionCall, type Subject } from "../probe/subject.ts";
import { holdfastOptions } from "./holdfast-options.ts";
import { ownVersion } from "./own-version.ts";

/** Holdfast's own client. */
export const holdfastClient: Subject = {
  name: "@holdfast/client",
  version: () => ownVersion("@holdfast/client"),
  actions: [
    "get",
    "get-if-changed",
    "get-until-aborted",
    "head",
    "exists",
    "put",
    "upload",
    "copy",
    "delete",
    "delete-many",
    "list",
  ],
  open: async (settings) => {
    const { bucket } = settings;
    const client = new S3Client(holdfastOptions(settings));
    return {
      act: (action, call) => act({ client, bucket }, action, call),
      close: async () => client.close(),
    };
  },
};

interface Target {
  readonly client: S3Client;
  readonly bucket: string;
}

async function act({ client, bucket }: Target, action: Action, call: ActionCall): Promise<unknown> {
  const { signal } = call;
  switch (action.do) {
    case "get":
    case "get-until-aborted": {
      const { body } = await client.getObject({ bucket, key: action.key, signal });
      return body;
    }
    case "get-if-changed": {
      const { key, etag } = action;
      const object = await client.getObject({ bucket, key, ifNoneMatch: `"${etag}"` });
      return object.notModified ? "not modified" : object.body;
    }
    case "head":
      return (await client.headObject({ bucket, key: action.key })).contentLength;
    case "exists": {
      const object = await client.getObjectIfExists({ bucket, key: action.key });
      await object?.body.dispose();
      return object !== undefined;
    }
    case "put": {
      const { key, ifAbsent } = action;
      const ifNoneMatch = ifAbsent === true ? "*" : undefined;
      await client.putObject({ bucket, key, body: call.bytes(), ifNoneMatch, signal });
      return null;
    }
    case "upload":
      await client.upload({ bucket, key: action.key, body: call.source(), signal });
      return null;
    case "copy": {
      const copySource = { bucket, key: action.source };
      await client.copyObject({ bucket, key: action.key, copySource });
      return null;
    }
    case "delete":
      await client.deleteObject({ bucket, key: action.key });
      return null;
    case "delete-many": {
      const { outcomes } = await client.deleteObjects({ bucket, objects: action.keys });
      return {
        deleted: outcomes.flatMap((one) => (one.deleted ? one.key : [])),
        failed: Object.fromEntries(
          outcomes.flatMap((one) => (one.deleted ? [] : [[one.key, one.error.errorCode]])),
        ),
      };
    }
    case "list": {
      const keys: string[] = [];
      for await (const { key } of client.listObjects({ bucket, prefix: action.prefix }))
        keys.push(key);
      return keys;
    }
    case "kind":
      throw new Unsupported("the client knows no folders");
  }
}
