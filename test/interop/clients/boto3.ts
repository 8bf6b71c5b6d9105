import { fileURLToPath } from "node:url";
import type { Client, Driver } from "../client.ts";
import { run } from "../run.ts";
import { environment, type Session } from "../session.ts";

interface Answer {
  readonly result?: unknown;
  readonly code?: string;
  readonly said?: string;
}

const script = fileURLToPath(new URL("boto3-driver.py", import.meta.url));

async function ask(session: Session, args: readonly string[]): Promise<Answer> {
  const printed = await run({
    file: "/usr/bin/python3",
    args: [script, ...args],
    env: { ...environment(session), INTEROP_ENDPOINT: session.url },
  });
  const answer: Answer = JSON.parse(printed);
  return answer;
}

async function result(session: Session, args: readonly string[]): Promise<unknown> {
  const answer = await ask(session, args);
  if (answer.code !== undefined) throw new Error(answer.said);
  return answer.result;
}

function open(session: Session): Driver {
  const call = (...args: readonly string[]): Promise<unknown> => result(session, args);
  return {
    createBucket: async (bucket) => void (await call("createBucket", bucket)),
    removeBucket: async (bucket) => void (await call("removeBucket", bucket)),
    put: async ({ bucket, key }, file) => void (await call("put", bucket, key, file)),
    get: async ({ bucket, key }, file) => void (await call("get", bucket, key, file)),
    head: async ({ bucket, key }) => Number(await call("head", bucket, key)),
    list: async (bucket) => {
      const keys = await call("list", bucket);
      return Array.isArray(keys) ? keys.map(String) : [];
    },
    multipart: async ({ bucket, key }, file) => void (await call("multipart", bucket, key, file)),
    copy: async ({ bucket, key }, source) => void (await call("copy", bucket, key, source)),
    presign: async ({ bucket, key }, method) => String(await call("presign", bucket, key, method)),
    remove: async ({ bucket, key }) => void (await call("remove", bucket, key)),
    empty: async (bucket) => void (await call("empty", bucket)),
    refusal: async ({ bucket, key }) => {
      const args = key === undefined ? ["list", bucket] : ["read", bucket, key];
      return (await ask(session, args)).code ?? "no error";
    },
  };
}

/** boto3, by a script that stays with one call. */
export const boto3: Client = {
  name: "boto3",
  needs: "python3-boto3",
  version: async (session) => String(await result(session, ["version"])),
  open,
  reports: {
    "missing-key": "NoSuchKey",
    "missing-bucket": "NoSuchBucket",
    "wrong-secret": "SignatureDoesNotMatch",
    "unknown-key-id": "InvalidAccessKeyId",
  },
  cannot: {},
};
