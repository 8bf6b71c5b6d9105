import { isIP } from "node:net";
import * as v from "valibot";
import { isBucketName } from "@holdfast/protocol";
import type { Argument } from "../admin/argument.ts";
import { settings } from "../config/settings.ts";

function wholeNumberUpTo(max: number) {
  return (text: string): number | undefined =>
    /^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

const hostName = /^[A-Za-z0-9._-]{1,253}$/;

function readHost(text: string): string | undefined {
  return isIP(text) !== 0 || hostName.test(text) ? text : undefined;
}

function readBuckets(text: string): readonly string[] | undefined {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  return names.every((name) => isBucketName(name)) ? names : undefined;
}

function readUpstream(text: string): string | undefined {
  return /^https?:\/\/[^/?#@\s]+\/?$/.test(text) && URL.canParse(text) ? text : undefined;
}

/** The forms that a report is written in, by how the names of their files end. */
export const reportForms = ["md", "json", "html"] as const;

function readReports(text: string): readonly string[] | undefined {
  const files = text.split(",");
  return files.every(hasForm) ? files : undefined;
}

function hasForm(file: string): boolean {
  return reportForms.some((form) => file.endsWith(`.${form}`));
}

const words = (text: string): readonly string[] | undefined => {
  const found = text.split(",").map((word) => word.trim());
  return found.includes("") ? undefined : found;
};

const path = (text: string): string | undefined => (text === "" ? undefined : text);

/** The port that a lab takes unless it is told. */
export const labPort = 9010;

/** What the lab's commands take by name. */
export const labOptions = {
  faults: {
    name: "--faults",
    placeholder: "FILE",
    description: "A list of faults, YAML or JSON, to begin with.",
    expects: "the path of a file",
    read: path,
  },
  port: {
    name: "--port",
    placeholder: "PORT",
    description: `The port to serve on; 0 takes a free one. ${labPort} unless told.`,
    expects: "a port, 0 to 65535",
    read: wholeNumberUpTo(65_535),
  },
  host: {
    name: "--host",
    placeholder: "HOST",
    description:
      "The address to serve on; 127.0.0.1 unless told. Whoever reaches it may break what it serves.",
    expects: "an address or a host name",
    read: readHost,
  },
  seed: {
    name: "--seed",
    placeholder: "NUMBER",
    description: "Decides on all that is left to chance: same seed, same faults. 1 unless told.",
    expects: "a whole number, 0 to 4294967295",
    read: wholeNumberUpTo(2 ** 32 - 1),
  },
  buckets: {
    name: "--buckets",
    placeholder: "A,B",
    description: "Buckets to make at the start.",
    expects: "bucket names, separated by commas",
    read: readBuckets,
  },
  statusProfile: {
    name: "--status-profile",
    placeholder: settings.statusProfile.placeholder,
    description: `${settings.statusProfile.description} ${settings.statusProfile.default} unless told.`,
    expects: settings.statusProfile.expects,
    read: (text: string) => {
      const result = v.safeParse(settings.statusProfile.schema, text);
      return result.success ? result.output : undefined;
    },
  },
  scenarios: {
    name: "--scenario",
    placeholder: "ID,ID",
    description: "Only these scenarios; all unless told.",
    expects: "ids of scenarios, separated by commas",
    read: words,
  },
  report: {
    name: "--report",
    placeholder: "FILE,FILE",
    description:
      "Writes the report as well: as Markdown, JSON or one page of HTML, as the file's name ends.",
    expects: `files that end in ${reportForms.map((form) => `.${form}`).join(", ")}, separated by commas`,
    read: readReports,
  },
  bucket: {
    name: "--bucket",
    placeholder: "BUCKET",
    description:
      "A bucket that is there, to ask in; nothing is left in it. Otherwise the probe makes one and removes it.",
    expects: "a bucket's name",
    read: (text: string) => (isBucketName(text) ? text : undefined),
  },
  profile: {
    name: "--profile",
    placeholder: "NAME",
    description:
      "A profile of AWS's shared files to sign as; what AWS's tools would find unless told.",
    expects: "a profile's name",
    read: path,
  },
  region: {
    name: "--region",
    placeholder: "NAME",
    description: "The region to sign for; AWS_REGION, or us-east-1, unless told.",
    expects: settings.region.expects,
    read: (text: string) => (v.is(settings.region.schema, text) ? text : undefined),
  },
} as const satisfies Record<string, Argument>;

/** What they cannot do without. */
export const labOperands = {
  upstream: {
    name: "--upstream",
    placeholder: "URL",
    description: "The S3 server behind it.",
    expects: "a URL without a path, such as http://127.0.0.1:9000",
    read: readUpstream,
  },
  endpoint: {
    name: "URL",
    placeholder: "URL",
    description: "The S3 endpoint to ask; buckets stand in its path.",
    expects: "a URL without a path, such as http://127.0.0.1:9000",
    read: readUpstream,
  },
  stores: {
    name: "FILE",
    placeholder: "FILE",
    description:
      "A config of stores, YAML, JSON or TOML; variables in it come from the environment. A lab takes the place of each S3 service.",
    expects: "the path of a file",
    read: path,
  },
  subject: {
    name: "NAME|MODULE",
    placeholder: "NAME|MODULE",
    description:
      "A client that the probe knows, as installed where you stand, or a module of yours that exports a subject.",
    expects: "the name of a client, or the path of a module, such as ./my-client.mjs",
    read: path,
  },
} as const satisfies Record<string, Argument>;
