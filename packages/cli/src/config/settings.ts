import * as v from "valibot";
import type { StatusProfile } from "@holdfast/gateway";
import { isBucketName } from "@holdfast/protocol";
import { auditKeys, auditSchema } from "./audit-keys.ts";
import { limitKeys, limitsSchema } from "./limit-keys.ts";
import { parseListen } from "./listen.ts";
import { isNetwork } from "./network.ts";
import type { Setting } from "./setting.ts";
import { tlsKeys, tlsSchema } from "./tls-keys.ts";
import { upstreamKeys, upstreamsSchema } from "./upstream-keys.ts";

const path = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => !text.includes("\0")),
);

const quantity = v.pipe(
  v.union([
    v.number(),
    v.pipe(v.string(), v.regex(/^[0-9]{1,9}(\.[0-9]{1,6})?$/), v.transform(Number)),
  ]),
  v.number(),
  v.finite(),
  v.minValue(0),
);

// Only the type: help must not wait for the whole gateway. A test compares it with the gateway's own list.
const statusProfiles = ["documented", "aws"] as const satisfies readonly StatusProfile[];

const bucketName = v.pipe(v.string(), v.check(isBucketName));

const address = v.pipe(
  v.string(),
  v.transform(parseListen),
  v.custom<NonNullable<ReturnType<typeof parseListen>>>((listen) => listen !== undefined),
);

/** A list, also as one text with commas in it. */
const words = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => text.split(",").map((word) => word.trim())),
  ),
  v.array(v.string()),
]);

/** Every setting, once. Help, environment names, the file's keys and the reference derive from it. */
export const settings = {
  data: {
    flag: "data",
    env: "HOLDFAST_DATA",
    file: "data",
    placeholder: "DIR",
    default: "./holdfast-data",
    description:
      "The data directory: objects, index and root credential. Made when it does not exist.",
    expects: "the path of a directory",
    commands: ["serve", "env", "doctor", "scrub", "fsck", "backup", "admin"],
    isPath: true,
    schema: path,
  },
  listen: {
    flag: "listen",
    env: "HOLDFAST_LISTEN",
    file: "listen",
    placeholder: "HOST:PORT",
    default: "127.0.0.1:9000",
    description:
      "The address to serve on; port 0 takes a free one. Without TLS, an address that other machines reach gets a warning.",
    expects: "HOST:PORT, such as 127.0.0.1:9000 or [::1]:9000",
    commands: ["serve", "env", "doctor"],
    schema: address,
  },
  adminListen: {
    flag: "admin-listen",
    env: "HOLDFAST_ADMIN_LISTEN",
    file: "adminListen",
    placeholder: "HOST:PORT",
    default: "127.0.0.1:0",
    description:
      "The address of the admin listener; port 0 takes a free one, which the data directory keeps for the other commands.",
    expects: "HOST:PORT, such as 127.0.0.1:9001 or [::1]:9001",
    commands: ["serve"],
    schema: address,
  },
  adminHosts: {
    env: "HOLDFAST_ADMIN_HOSTS",
    file: "adminHosts",
    placeholder: "A,B",
    description:
      "Names under which the admin listener may be asked, beside addresses, localhost and the name it listens on.",
    expects: "host names, separated by commas (in a file also a list)",
    commands: ["serve"],
    schema: v.optional(
      v.pipe(words, v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,253}$/)))),
      [],
    ),
  },
  statusProfile: {
    flag: "status-profile",
    env: "HOLDFAST_STATUS_PROFILE",
    file: "statusProfile",
    placeholder: statusProfiles.join("|"),
    default: "documented",
    description: "Which HTTP statuses errors carry: the documented ones, or exactly those of AWS.",
    expects: `one of ${statusProfiles.join(", ")}`,
    commands: ["serve"],
    schema: v.picklist(statusProfiles),
  },
  tls: {
    file: "tls",
    placeholder: "",
    description:
      "The certificate that both listeners prove themselves with. Without one they speak plain HTTP. SIGHUP has the files read again.",
    expects: "certificate and key, by name",
    commands: ["serve"],
    section: { isNamed: false, keys: tlsKeys },
    schema: tlsSchema,
  },
  tlsCertificate: {
    flag: "tls-certificate",
    env: "HOLDFAST_TLS_CERTIFICATE",
    placeholder: "FILE",
    description: "As `tls.certificate` in the file, and instead of it.",
    expects: tlsKeys.certificate.expects,
    commands: ["serve"],
    schema: v.optional(path),
  },
  tlsKey: {
    flag: "tls-key",
    env: "HOLDFAST_TLS_KEY",
    placeholder: "FILE",
    description: "As `tls.key` in the file, and instead of it.",
    expects: tlsKeys.key.expects,
    commands: ["serve"],
    schema: v.optional(path),
  },
  region: {
    flag: "region",
    env: "HOLDFAST_REGION",
    file: "region",
    placeholder: "NAME",
    default: "us-east-1",
    description: "The region that requests must be signed for.",
    expects: "1 to 64 letters a-z, digits and hyphens",
    commands: ["serve", "env"],
    schema: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)),
  },
  buckets: {
    flag: "buckets",
    env: "HOLDFAST_BUCKETS",
    file: "buckets",
    placeholder: "A,B",
    description: "Buckets to make at start; one that exists is left as it is.",
    expects: "bucket names, separated by commas (in a file also a list)",
    commands: ["serve"],
    schema: v.optional(v.pipe(words, v.array(bucketName)), []),
  },
  scrubRate: {
    flag: "scrub-rate",
    env: "HOLDFAST_SCRUB_RATE",
    file: "scrubRate",
    placeholder: "MIB",
    default: "16",
    description: "Mebibytes a second that a scrub reads at most; 0 is as fast as the disk gives.",
    expects: "a number that is not negative",
    commands: ["serve", "scrub"],
    schema: quantity,
  },
  scrubEvery: {
    flag: "scrub-every",
    env: "HOLDFAST_SCRUB_EVERY",
    file: "scrubEvery",
    placeholder: "HOURS",
    default: "168",
    description:
      "Hours between the end of one scrub and the next; the first begins a minute after the start. 0 is never.",
    expects: "a number of hours that is not negative",
    commands: ["serve"],
    schema: quantity,
  },
  uploadDays: {
    flag: "upload-days",
    env: "HOLDFAST_UPLOAD_DAYS",
    file: "uploadDays",
    placeholder: "DAYS",
    default: "7",
    description:
      "Days without a new part after which a multipart upload is aborted; 0 is never, as AWS does.",
    expects: "a number of days that is not negative",
    commands: ["serve"],
    schema: quantity,
  },
  upstreams: {
    file: "upstreams",
    placeholder: "",
    description:
      "The S3 servers that buckets can be attached to, each below the name that holdfast bucket attach gives.",
    expects:
      "upstreams below their names: 1 to 64 of a-z, 0-9, hyphens and underscores, beginning with a letter or digit",
    commands: ["serve"],
    section: { isNamed: true, keys: upstreamKeys },
    schema: upstreamsSchema,
  },
  limits: {
    file: "limits",
    placeholder: "",
    description:
      "How much may be asked; without a value there is no limit. What is past one is answered with SlowDown and Retry-After.",
    expects: "limits by name",
    commands: ["serve"],
    section: { isNamed: false, keys: limitKeys },
    schema: limitsSchema,
  },
  audit: {
    file: "audit",
    placeholder: "",
    description: "What is kept of who did what, for holdfast audit.",
    expects: "settings of the audit by name",
    commands: ["serve"],
    section: { isNamed: false, keys: auditKeys },
    schema: auditSchema,
  },
  trustedProxies: {
    env: "HOLDFAST_TRUSTED_PROXIES",
    file: "trustedProxies",
    placeholder: "A,B",
    description:
      "The proxies in front whose X-Forwarded-For is believed. Nobody's is unless they are named here.",
    expects:
      "addresses and networks such as 10.0.0.0/8, separated by commas (in a file also a list)",
    commands: ["serve"],
    schema: v.optional(v.pipe(words, v.array(v.pipe(v.string(), v.check(isNetwork)))), []),
  },
  anonymous: {
    env: "HOLDFAST_ANONYMOUS",
    file: "anonymous",
    placeholder: "true|false",
    default: "true",
    description:
      "Whether the buckets that holdfast anonymous allow opened can be read without a signature; false closes all of them.",
    expects: "true or false",
    commands: ["serve"],
    schema: v.union([
      v.boolean(),
      v.pipe(
        v.picklist(["true", "false"]),
        v.transform((text) => text === "true"),
      ),
    ]),
  },
  controlDatabase: {
    env: "HOLDFAST_CONTROL_DATABASE",
    file: "controlDatabase",
    placeholder: "FILE",
    description:
      "The SQLite database with tenants, credentials and what is set for buckets; control.db in the data directory unless it is told.",
    expects: "the path of a file",
    commands: ["serve"],
    isPath: true,
    schema: v.optional(path),
  },
  masterKeyFile: {
    env: "HOLDFAST_MASTER_KEY_FILE",
    file: "masterKeyFile",
    placeholder: "FILE",
    description:
      "The file with the keys that secrets are sealed under, a NAME:KEY in each line, the first for sealing; master-keys in the data directory unless it is told. Without it a backup of the database opens nothing.",
    expects: "the path of a file",
    commands: ["serve"],
    isPath: true,
    schema: v.optional(path),
  },
  to: {
    flag: "to",
    env: "HOLDFAST_BACKUP_TO",
    placeholder: "DIR",
    description: "The directory that a backup makes. It must not exist yet.",
    expects: "the path of a directory",
    commands: ["backup"],
    schema: v.optional(path),
  },
  admin: {
    flag: "admin",
    env: "HOLDFAST_ADMIN",
    placeholder: "URL",
    description:
      "The admin listener to ask; that of the server on the data directory unless it is told.",
    expects: "a URL such as http://127.0.0.1:9001 or https://s3.example.com:9001",
    commands: ["admin"],
    schema: v.optional(v.pipe(v.string(), v.url(), v.regex(/^https?:\/\/[^/?#@]+\/?$/))),
  },
  caFile: {
    flag: "ca-file",
    env: "HOLDFAST_ADMIN_CA_FILE",
    placeholder: "FILE",
    description:
      "Certificates in PEM that the admin listener's is trusted by, instead of the system's.",
    expects: "the path of a file",
    commands: ["admin"],
    schema: v.optional(path),
  },
  tokenFile: {
    flag: "token-file",
    env: "HOLDFAST_ADMIN_TOKEN_FILE",
    placeholder: "FILE",
    description: "The file with its token; the data directory's unless it is told.",
    expects: "the path of a file",
    commands: ["admin"],
    schema: v.optional(path),
  },
  config: {
    flag: "config",
    env: "HOLDFAST_CONFIG",
    placeholder: "FILE",
    description: "A configuration file, YAML or JSON. None is read unless it is named.",
    expects: "the path of a file",
    commands: ["serve", "env", "doctor", "scrub", "fsck", "backup", "admin"],
    schema: v.optional(path),
  },
  rootAccessKeyId: {
    env: "HOLDFAST_ROOT_ACCESS_KEY_ID",
    placeholder: "ID",
    description: "The access key id to use instead of the one that the data directory keeps.",
    expects: "3 to 128 letters, digits, dots, hyphens and underscores",
    commands: ["serve", "env"],
    schema: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{3,128}$/))),
  },
  rootSecretAccessKey: {
    env: "HOLDFAST_ROOT_SECRET_ACCESS_KEY",
    placeholder: "SECRET",
    description: "Its secret. Both are set, or neither.",
    expects: "8 to 128 printable ASCII characters",
    secret: true,
    commands: ["serve", "env"],
    schema: v.optional(v.pipe(v.string(), v.regex(/^[\x20-\x7e]{8,128}$/))),
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

export interface SettingRow extends Setting {
  readonly name: string;
}

/** The rows in order, each with its name. */
export const settingRows: readonly SettingRow[] = Object.entries(settings).map(([name, row]) =>
  Object.assign({ name }, row),
);

/** All settings at once, from the text or file value of each. */
export const settingsSchema = v.object({
  data: settings.data.schema,
  listen: settings.listen.schema,
  adminListen: settings.adminListen.schema,
  adminHosts: settings.adminHosts.schema,
  statusProfile: settings.statusProfile.schema,
  tls: settings.tls.schema,
  tlsCertificate: settings.tlsCertificate.schema,
  tlsKey: settings.tlsKey.schema,
  region: settings.region.schema,
  buckets: settings.buckets.schema,
  scrubRate: settings.scrubRate.schema,
  scrubEvery: settings.scrubEvery.schema,
  uploadDays: settings.uploadDays.schema,
  upstreams: settings.upstreams.schema,
  limits: settings.limits.schema,
  audit: settings.audit.schema,
  trustedProxies: settings.trustedProxies.schema,
  anonymous: settings.anonymous.schema,
  controlDatabase: settings.controlDatabase.schema,
  masterKeyFile: settings.masterKeyFile.schema,
  to: settings.to.schema,
  admin: settings.admin.schema,
  caFile: settings.caFile.schema,
  tokenFile: settings.tokenFile.schema,
  config: settings.config.schema,
  rootAccessKeyId: settings.rootAccessKeyId.schema,
  rootSecretAccessKey: settings.rootSecretAccessKey.schema,
} satisfies Record<SettingName, v.GenericSchema>);

export type Settings = v.InferOutput<typeof settingsSchema>;
