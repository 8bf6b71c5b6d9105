import { Readable } from "node:stream";
import type { Action } from "../probe/action.ts";
import type { ActionCall, Subject, SubjectSettings } from "../probe/subject.ts";
import { awsSdkOptions } from "./aws-sdk-options.ts";
import { installedModule, installedVersion } from "./installed.ts";
import { noCall } from "./refuse.ts";

type Command = new (input: object) => object;

interface Answer {
  readonly Body: AsyncIterable<Uint8Array>;
  readonly ContentLength?: number;
  readonly Deleted?: readonly { readonly Key: string }[];
  readonly Errors?: readonly { readonly Key: string; readonly Code: string }[];
}

interface Client {
  send(command: object, options?: { readonly abortSignal: AbortSignal }): Promise<Answer>;
  destroy(): void;
}

interface Library {
  readonly S3Client: new (options: object) => Client;
  readonly GetObjectCommand: Command;
  readonly HeadObjectCommand: Command;
  readonly PutObjectCommand: Command;
  readonly CopyObjectCommand: Command;
  readonly DeleteObjectCommand: Command;
  readonly DeleteObjectsCommand: Command;
  readonly paginateListObjectsV2: (
    config: { readonly client: Client },
    input: object,
  ) => AsyncIterable<{ readonly Contents?: readonly { readonly Key: string }[] }>;
}

interface Uploads {
  readonly Upload: new (options: object) => { done(): Promise<unknown> };
}

const name = "@aws-sdk/client-s3";

interface Place {
  readonly library: Library;
  readonly client: Client;
  readonly Bucket: string;
}

/** The AWS SDK for JavaScript, version 3; uploads by `@aws-sdk/lib-storage`. */
export const awsSdk: Subject = {
  name,
  version: () => installedVersion(name, "@aws-sdk/lib-storage"),
  actions: [
    "get",
    "get-if-changed",
    "get-until-aborted",
    "head",
    "put",
    "upload",
    "copy",
    "delete",
    "delete-many",
    "list",
  ],
  async open(settings: SubjectSettings) {
    const library = await installedModule<Library>(name);
    const client = new library.S3Client(awsSdkOptions(settings));
    const place: Place = { library, client, Bucket: settings.bucket };
    return {
      act: (action, call) => act(place, action, call),
      close: async () => client.destroy(),
    };
  },
};

async function act(place: Place, action: Action, call: ActionCall): Promise<unknown> {
  const { library, client, Bucket } = place;
  switch (action.do) {
    case "get":
    case "get-if-changed":
    case "get-until-aborted": {
      const condition = action.do === "get-if-changed" ? { IfNoneMatch: `"${action.etag}"` } : {};
      const input = { Bucket, Key: action.key, ...condition };
      const abortSignal = call.signal;
      return (await client.send(new library.GetObjectCommand(input), { abortSignal })).Body;
    }
    case "head": {
      const input = { Bucket, Key: action.key };
      return (await client.send(new library.HeadObjectCommand(input))).ContentLength;
    }
    case "put": {
      const condition = action.ifAbsent === true ? { IfNoneMatch: "*" } : {};
      const input = { Bucket, Key: action.key, Body: call.bytes(), ...condition };
      await client.send(new library.PutObjectCommand(input));
      return;
    }
    case "upload":
      return upload(place, action.key, call);
    case "copy": {
      const CopySource = `${Bucket}/${encodeURIComponent(action.source)}`;
      const input = { Bucket, Key: action.key, CopySource };
      await client.send(new library.CopyObjectCommand(input));
      return;
    }
    case "delete":
      await client.send(new library.DeleteObjectCommand({ Bucket, Key: action.key }));
      return;
    case "delete-many":
      return deleteMany(place, action.keys);
    case "list":
      return list(place, action.prefix);
    case "exists":
    case "kind":
      throw noCall(action);
  }
}

async function upload({ client, Bucket }: Place, Key: string, call: ActionCall): Promise<void> {
  const { Upload } = await installedModule<Uploads>("@aws-sdk/lib-storage");
  const Body = Readable.from(call.source(), { objectMode: false });
  await new Upload({ client, params: { Bucket, Key, Body } }).done();
}

async function deleteMany({ library, client, Bucket }: Place, keys: readonly string[]) {
  const Delete = { Objects: keys.map((Key) => ({ Key })) };
  const answer = await client.send(new library.DeleteObjectsCommand({ Bucket, Delete }));
  const { Deleted = [], Errors = [] } = answer;
  return {
    deleted: Deleted.map(({ Key }) => Key),
    failed: Object.fromEntries(Errors.map(({ Key, Code }) => [Key, Code])),
  };
}

async function list({ library, client, Bucket }: Place, Prefix?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of library.paginateListObjectsV2(
    { client },
    { Bucket, Prefix },
  )) {
    keys.push(...Contents.map(({ Key }) => Key));
  }
  return keys;
}
