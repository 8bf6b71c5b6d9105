import { childNamed, childText, readXml, type XmlElement } from "@holdfast/protocol";
import type { Credentials } from "./credentials.ts";
import { readExpiration } from "./credential-document.ts";
import type { ServiceAnswer } from "./exchange.ts";
import { ServiceFailure } from "./service-failure.ts";

const codePattern = /^[\w.]{1,64}$/;
// What STS answers when it could not reach who issued the token, which may pass.
const transientCode = "IDPCommunicationError";

/** The credentials in STS's answer. Throws a `ServiceFailure` with STS's code and request id, and none of its text. */
export function readStsAnswer(answer: ServiceAnswer): Credentials {
  try {
    return read(answer);
  } catch (cause) {
    if (cause instanceof ServiceFailure) throw cause;
    const { status } = answer;
    throw new ServiceFailure(`It answered with status ${status}, not as STS does.`, status, {
      cause,
    });
  }
}

function read({ status, bytes }: ServiceAnswer): Credentials {
  const root = readXml(bytes);
  if (status !== 200) throw refusalOf(root, status);
  const path = ["AssumeRoleWithWebIdentityResult", "Credentials"];
  const found = path.reduce<XmlElement | undefined>((at, name) => at && childNamed(at, name), root);
  if (root.name !== "AssumeRoleWithWebIdentityResponse" || found === undefined) {
    throw new ServiceFailure("The answer has no credentials.", status);
  }
  const accessKeyId = childText(found, "AccessKeyId") ?? "";
  const secretAccessKey = childText(found, "SecretAccessKey") ?? "";
  const sessionToken = childText(found, "SessionToken") ?? "";
  if (accessKeyId === "" || secretAccessKey === "" || sessionToken === "") {
    throw new ServiceFailure("The answer lacks a part of the credentials.", status);
  }
  const expiration = readExpiration(childText(found, "Expiration") ?? "");
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

function refusalOf(root: XmlElement, status: number): ServiceFailure {
  const error = childNamed(root, "Error");
  const code = error && childText(error, "Code");
  const requestId = childText(root, "RequestId");
  const shown = [code, requestId && `request ${requestId}`].filter((text) => text && isShown(text));
  const message = `It answered with status ${status}: ${shown.join(", ") || "no code"}.`;
  const transient = status >= 500 || status === 429 || code === transientCode;
  return new ServiceFailure(message, status, { transient });
}

function isShown(text: string): boolean {
  return codePattern.test(text) || /^request [\w-]{1,64}$/.test(text);
}
