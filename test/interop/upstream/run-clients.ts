import type { Client } from "../client.ts";
import { awsSdk } from "../clients/aws-sdk.ts";
import { awscli } from "../clients/awscli.ts";
import { boto3 } from "../clients/boto3.ts";
import { minio } from "../clients/minio.ts";
import { rclone } from "../clients/rclone.ts";
import { s3cmd } from "../clients/s3cmd.ts";
import { runClient } from "../run-subject.ts";
import type { Front } from "./front.ts";

const clients: readonly Client[] = [awscli, boto3, rclone, s3cmd, awsSdk, minio];

/** What differs behind an upstream from what the gateway's own engine does, by client and step, with the reason. */
export type Differences = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Registers the ordinary steps of all clients against the gateway in front of an upstream. */
export function runClients(front: Front, label: string, differences: Differences = {}): void {
  for (const client of clients) {
    const cannot = { ...client.cannot, ...differences["every"], ...differences[client.name] };
    const named = { ...front.behind(client), name: `${client.name} ${label}`, cannot };
    runClient(named, [front.endpoint]);
  }
}
