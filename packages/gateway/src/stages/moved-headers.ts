import { asHeaderValue, claimsToSign, s3Error, type S3Error } from "@holdfast/protocol";
import type { Routed } from "../context.ts";
import { isMovedHeader } from "../handlers/supported-headers.ts";

type Parts = Pick<Routed, "headers" | "query">;

/**
 * The headers and the parameters that a request means. Presigners move headers into the query, where S3 takes them for
 * what they were; so what follows finds them among the headers. `InvalidArgument` for what no header could say, and
 * `InvalidRequest` for one that stands as a header, too, and says something else there.
 */
export function takeMovedHeaders({ headers, query }: Parts): Parts {
  const names = [...query.keys()];
  // Elsewhere they are none. What claims to sign is verified with all of the query as it came, or refused.
  if (!names.some(claimsToSign) || !names.some(isMovedHeader)) return { headers, query };
  const taken: Record<string, string> = {};
  const kept = new Map<string, string>();
  for (const [parameter, text] of query) {
    if (isMovedHeader(parameter)) {
      const name = parameter.toLowerCase();
      const value = asHeaderValue(text);
      if (!isHeader(parameter, value)) throw unsayable(parameter);
      if ((taken[name] ?? headers[name] ?? value) !== value) throw twoValues(name);
      taken[name] = value;
    } else {
      kept.set(parameter, text);
    }
  }
  return { headers: { ...headers, ...taken }, query: kept };
}

/** RFC 9110, 5.1 and 5.5: what else would go out again in headers must not end one of them. */
function isHeader(name: string, value: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function unsayable(parameter: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: "A query parameter of a presigned request is not what a header can be.",
    extra: { ArgumentName: parameter },
    reason: "malformed_moved_header",
  });
}

/** As the verifier says of any name that is sent in both places, which comes later: here it would be two requests already. */
function twoValues(name: string): S3Error {
  return s3Error("InvalidRequest", undefined, {
    message: "A header was sent with one value, and with another one in the query.",
    extra: { Header: name },
    reason: "header_and_parameter",
  });
}
