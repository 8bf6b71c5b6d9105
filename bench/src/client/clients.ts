import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { peersDirectory } from "./peers.ts";

/** A client that is measured. */
export interface Client {
  readonly name: string;
  /** Its module that puts, gets and lists. */
  readonly file: string;
  /** The same where the client has a form that bundles better. */
  readonly bundled?: string | undefined;
  /** Which modules of it, by their addresses, are its transport; none of one that has Node's alone. */
  readonly transport?: RegExp | undefined;
  /** The package that has to be installed for it; none for what Node has itself. */
  readonly directory: string | undefined;
}

export const bareName = "bare transport";
export const ownName = "Holdfast";

function own(subject: string): string {
  return fileURLToPath(new URL(`./subjects/${subject}.js`, import.meta.url));
}

function peer(file: string, name: string, transport?: RegExp): Client {
  return {
    name,
    file: `${peersDirectory}clients/${file}.js`,
    transport,
    directory: `${peersDirectory}node_modules/${name}`,
  };
}

const awsSdk = peer("aws-sdk", "@aws-sdk/client-s3", /\bnode-http-handler\b/);

/**
 * Holdfast's client, the bare transport, and the peers. Sabotaged, what goes by Holdfast's name is AWS's SDK, and no
 * bar can be met.
 */
export function clientsOf(isSabotaged: boolean): readonly Client[] {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve("@holdfast/client/package.json"));
  const bundled = own("holdfast-functions");
  const holdfast = {
    name: ownName,
    file: own("holdfast"),
    bundled,
    transport: /\/transport\/[\w-]+\.js$/,
    directory,
  };
  return [
    isSabotaged ? { ...awsSdk, name: ownName } : holdfast,
    { name: bareName, file: own("bare"), directory: undefined },
    awsSdk,
    peer("minio", "minio"),
    peer("s3mini", "s3mini"),
    peer("lean-s3", "lean-s3", /^undici$/),
    peer("aws4fetch", "aws4fetch"),
  ];
}
