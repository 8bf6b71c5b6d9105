import type {
  CreatedCredentialAnswer,
  CreatedSessionAnswer,
  CredentialAnswer,
} from "@holdfast/gateway";
import { allPages } from "../all-pages.ts";
import type { AdminCommand } from "../command.ts";
import { operands, options } from "../named-arguments.ts";
import { textFacts, textTable } from "../text-table.ts";

const { accessKeyId } = operands;

const path = (id: string): string => `/v1/credentials/${encodeURIComponent(id)}`;

function grantText({ bucket, prefix, verbs }: CredentialAnswer["grants"][number]): string {
  return `${verbs.join(",")} on ${bucket}/${prefix ?? ""}*`;
}

function facts(credential: CredentialAnswer): string {
  const { limits = {} } = credential;
  return textFacts([
    ["access key id", credential.accessKeyId],
    ["tenant", credential.tenant],
    ["made from", credential.parent],
    ...credential.grants.map((grant) => ["may", grantText(grant)] as const),
    ["state", credential.disabled ? "disabled" : "enabled"],
    ["created", credential.createdAt],
    ["expires", credential.expiresAt ?? "never"],
    ["last used", credential.lastUsedAt],
    ["requests a second", limits.requestsPerSecond?.toString()],
    ["requests at once", limits.concurrency?.toString()],
    ["description", credential.description === "" ? undefined : credential.description],
  ]);
}

/** What a client needs, and that it is not shown again. */
function secrets(
  credential: CreatedCredentialAnswer & Partial<Pick<CreatedSessionAnswer, "sessionToken">>,
): string {
  const lines = textFacts([
    ["access key id", credential.accessKeyId],
    ["secret access key", credential.secretAccessKey],
    ["session token", credential.sessionToken],
    ...credential.grants.map((grant) => ["may", grantText(grant)] as const),
    ["expires", credential.expiresAt ?? "never"],
  ]);
  return `This is the only time that the secret is shown.\n${lines}`;
}

function turned(word: "disable" | "enable"): AdminCommand {
  const disabled = word === "disable";
  return {
    name: `credential ${word}`,
    summary: disabled ? "Refuses a credential from now on." : "Lets a credential work again.",
    operands: [accessKeyId],
    required: [],
    options: [],
    example: `credential ${word} AKIAEXAMPLE`,
    run: async (given, { api }) => {
      const id = given.required(accessKeyId);
      const json = await api.ask<CredentialAnswer>({
        method: "PATCH",
        path: path(id),
        body: { disabled },
      });
      return { json, text: `Credential ${id} is ${disabled ? "disabled" : "enabled"}.\n` };
    },
  };
}

const create: AdminCommand = {
  name: "credential create",
  summary: "Makes an access key for a tenant, and shows its secret this once.",
  operands: [],
  required: [options.tenant, options.grantedBucket, options.verbs],
  options: [
    options.prefix,
    options.expires,
    options.requestsPerSecond,
    options.concurrency,
    options.description,
  ],
  example:
    "credential create --tenant acme --bucket 'uploads' --verbs read,write,list --prefix incoming/ --expires 30d",
  run: async (given, { api }) => {
    const body = {
      tenant: given.required(options.tenant),
      grants: [
        {
          bucket: given.required(options.grantedBucket),
          verbs: given.required(options.verbs),
          prefix: given.optional(options.prefix),
        },
      ],
      expiresInSeconds: given.optional(options.expires),
      description: given.optional(options.description),
      limits: {
        requestsPerSecond: given.optional(options.requestsPerSecond),
        concurrency: given.optional(options.concurrency),
      },
    };
    const asking = { method: "POST", path: "/v1/credentials", body } as const;
    const json = await api.ask<CreatedCredentialAnswer>(asking);
    return { json, text: secrets(json) };
  },
};

const list: AdminCommand = {
  name: "credential list",
  summary: "Lists the credentials, without their secrets.",
  operands: [],
  required: [],
  options: [options.tenant],
  example: "credential list --tenant acme",
  run: async (given, { api }) => {
    const query = { tenant: given.optional(options.tenant) };
    const credentials = await allPages<CredentialAnswer>(api, {
      path: "/v1/credentials",
      list: "credentials",
      query,
    });
    const rows = credentials.map((credential) => [
      credential.accessKeyId,
      credential.tenant,
      credential.disabled ? "disabled" : "enabled",
      credential.expiresAt ?? "never",
      credential.grants.map(grantText).join("; "),
    ]);
    const headings = ["ACCESS KEY ID", "TENANT", "STATE", "EXPIRES", "MAY"];
    return { json: { credentials }, text: textTable(headings, rows, "There is no credential.") };
  },
};

const show: AdminCommand = {
  name: "credential show",
  summary: "Shows a credential, without its secret.",
  operands: [accessKeyId],
  required: [],
  options: [],
  example: "credential show AKIAEXAMPLE",
  run: async (given, { api }) => {
    const asking = { method: "GET", path: path(given.required(accessKeyId)) } as const;
    const json = await api.ask<CredentialAnswer>(asking);
    return { json, text: facts(json) };
  },
};

const remove: AdminCommand = {
  name: "credential delete",
  summary: "Deletes a credential, and those made from it.",
  operands: [accessKeyId],
  required: [],
  options: [],
  example: "credential delete AKIAEXAMPLE",
  run: async (given, { api }) => {
    const id = given.required(accessKeyId);
    await api.ask({ method: "DELETE", path: path(id) });
    return { json: { deleted: id }, text: `There is no credential ${id} any more.\n` };
  },
};

const session: AdminCommand = {
  name: "credential session",
  summary: "Makes a temporary credential, which may do no more than the one it is made from.",
  operands: [accessKeyId],
  required: [options.expires],
  options: [options.description],
  example: "credential session AKIAEXAMPLE --expires 1h",
  run: async (given, { api }) => {
    const json = await api.ask<CreatedSessionAnswer>({
      method: "POST",
      path: `${path(given.required(accessKeyId))}/sessions`,
      body: {
        expiresInSeconds: given.required(options.expires),
        description: given.optional(options.description),
      },
    });
    return { json, text: secrets(json) };
  },
};

/** Who may do what. */
export const credentialCommands: readonly AdminCommand[] = [
  create,
  list,
  show,
  turned("disable"),
  turned("enable"),
  session,
  remove,
];
