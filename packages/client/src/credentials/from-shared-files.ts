import { runCredentialProcess } from "./credential-process.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { assumeRoleWithWebIdentity } from "./from-web-identity.ts";
import type { Section, Setting } from "./ini.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { readSharedFiles, type SharedFilesOptions } from "./shared-files.ts";

const instead =
  "pass a provider function as `credentials`, such as defaultProvider() of @aws-sdk/credential-provider-node.";

/** What would need a conversation with AWS beyond S3, by the setting that asks for it. */
const refusals: readonly (readonly [setting: string, sentence: string])[] = [
  ["sso_session", `credentials of IAM Identity Center (SSO) are not made here; ${instead}`],
  ["sso_start_url", `credentials of IAM Identity Center (SSO) are not made here; ${instead}`],
  ["sso_account_id", `credentials of IAM Identity Center (SSO) are not made here; ${instead}`],
  ["login_session", `credentials of \`aws login\` are not made here; ${instead}`],
];

/** A profile of `~/.aws/credentials` and `~/.aws/config`: keys, a web identity, or a `credential_process`. */
export function fromSharedFiles(options: SharedFilesOptions = {}): CredentialProvider {
  return providerOf(sharedFilesSource(options));
}

/** The same as a link of a chain: absent when the profile has no credentials; refused when it has some of another kind. */
export function sharedFilesSource(options: SharedFilesOptions): CredentialSource {
  return { name: "the shared files", find: () => find(options) };
}

async function find(options: SharedFilesOptions): Promise<Credentials | Absence> {
  const { settings, profile, looked } = await readSharedFiles(options);
  const name = JSON.stringify(profile);
  if (settings === undefined) return { absent: `the profile ${name} is in neither of ${looked}.` };
  const role = settings.get("role_arn");
  if (role !== undefined) return assume(role, settings, options);
  const keys = keysIn(settings);
  if (keys !== undefined) return keys;
  const program = settings.get("credential_process");
  if (program !== undefined) return runCredentialProcess(program);
  for (const [setting, sentence] of refusals) {
    const found = settings.get(setting);
    if (found !== undefined) throw credentialsUnavailable(`${found.where}: ${sentence}`);
  }
  return { absent: `the profile ${name} has none in ${looked}.` };
}

function assume(
  role: Setting,
  settings: Section,
  options: SharedFilesOptions,
): Promise<Credentials> {
  const tokenFile = settings.get("web_identity_token_file")?.value;
  if (tokenFile === undefined) {
    throw credentialsUnavailable(
      `${role.where}: a role of another profile (role_arn) is not assumed here; ${instead}`,
    );
  }
  const roleSessionName = settings.get("role_session_name")?.value;
  return assumeRoleWithWebIdentity({ tokenFile, roleArn: role.value, roleSessionName }, options);
}

/** The keys of one file: halves from two files would make a pair that nobody has. */
function keysIn(settings: Section): Credentials | undefined {
  const id = settings.get("aws_access_key_id");
  const secret = settings.get("aws_secret_access_key");
  const token = settings.get("aws_session_token");
  const first = id ?? secret;
  if (first === undefined) return undefined;
  if (id === undefined || secret === undefined || id.file !== secret.file) {
    throw invalidConfiguration(
      first.where,
      "aws_access_key_id and aws_secret_access_key have to stand together, in one file.",
    );
  }
  const sessionToken = token?.file === id.file ? token.value : undefined;
  return { accessKeyId: id.value, secretAccessKey: secret.value, sessionToken };
}
