import { WireFailure } from "../errors/wire-failure.ts";

/** What is known of a service before it is asked. */
export interface Provider {
  /** Ends of the host names that mark it. */
  readonly hosts: readonly string[];
  /** Whether it takes and gives the `x-amz-checksum-` headers. */
  readonly checksums: boolean;
  /** How buckets are addressed where their names allow both. */
  readonly addressing: "path" | "virtual-hosted";
  /** Whether the region is part of the host, so that another region is another host. */
  readonly regional: boolean;
}

/**
 * Services by the names of their hosts. What stands here decides only defaults: every one of them can be set.
 * Sources: AWS (https://docs.aws.amazon.com/general/latest/gr/s3.html), Cloudflare R2's, Backblaze B2's, Wasabi's,
 * DigitalOcean's and Google's pages on S3 compatibility.
 */
const providers = {
  aws: {
    hosts: ["amazonaws.com", "amazonaws.com.cn"],
    checksums: true,
    addressing: "virtual-hosted",
    regional: true,
  },
  b2: { hosts: ["backblazeb2.com"], checksums: false, addressing: "path", regional: false },
  ceph: { hosts: [], checksums: true, addressing: "path", regional: false },
  digitalocean: {
    hosts: ["digitaloceanspaces.com"],
    checksums: false,
    addressing: "virtual-hosted",
    regional: false,
  },
  gcs: {
    hosts: ["storage.googleapis.com"],
    checksums: false,
    addressing: "path",
    regional: false,
  },
  holdfast: { hosts: [], checksums: true, addressing: "path", regional: false },
  minio: { hosts: [], checksums: true, addressing: "path", regional: false },
  r2: {
    hosts: ["r2.cloudflarestorage.com"],
    checksums: false,
    addressing: "path",
    regional: false,
  },
  wasabi: { hosts: ["wasabisys.com"], checksums: false, addressing: "path", regional: false },
} as const satisfies Readonly<Record<string, Provider>>;

export type ProviderName = keyof typeof providers;

const unknown: Provider = { hosts: [], checksums: false, addressing: "path", regional: false };

/** The provider of that name, or else the one whose host it is; of any other the least is assumed. */
export function providerOf(name: ProviderName | undefined, hostname: string): Provider {
  if (name !== undefined) {
    if (Object.hasOwn(providers, name)) return providers[name];
    const message = `There is no provider ${name}; there are ${Object.keys(providers).join(", ")}.`;
    throw new WireFailure({ code: "InvalidConfiguration", message });
  }
  const found = Object.values(providers).find(({ hosts }) =>
    hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`)),
  );
  return found ?? unknown;
}
