const mark = "[redacted]";

/** Names whose values prove who somebody is. The one list; headers, queries, elements and log lines obey it. */
const secretName =
  /token|signature|string-?to-?sign|canonical-?request|secret|passw|authorization|credential|cookie|customer-?key(?!-?md5)/i;

// What stands between a name and its value differs: a query, a header, a cookie, XML, JSON, a query percent-encoded once
// or twice. The bounds keep the time linear.
const assignment =
  /((?:token|signature|string-?to-?sign|secret|passw|customer-?key)[\w-]{0,32}["']?(?:\s{0,4}[=:>]\s{0,4}|%(?:25){0,2}3D)["']?)([^\s&"'<>;,]+)/gi;
const header = /((?:proxy-)?authorization|cookie)(["']?\s{0,4}[=:>]\s{0,4}["']?)[^\r\n"'<>]+/gi;
const scheme = /\b(AWS4-[\w-]+ Credential=|AWS [\w-]+:|Bearer |Basic )[^\r\n"'<>]+/g;

/** Tells whether a header, query parameter or element of that name holds what nobody may log. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/**
 * A text without signatures, tokens, passwords, authorization headers and the `secrets` given, as they are or
 * percent-encoded. Runs in time linear to the text.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = withoutSecret(clean, secret);
  return clean
    .replaceAll(header, `$1$2${mark}`)
    .replaceAll(scheme, `$1${mark}`)
    .replaceAll(assignment, `$1${mark}`);
}

function withoutSecret(text: string, secret: string): string {
  // Replacing a text that may stand anywhere by chance would garble messages and hide nothing.
  if (secret.length < 8) return text;
  const clean = text.replaceAll(secret, mark);
  return clean.includes("%") ? clean.replaceAll(encodeURIComponent(secret), mark) : clean;
}
