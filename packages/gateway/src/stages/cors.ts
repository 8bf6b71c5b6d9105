import {
  actualHeaders,
  corsVary,
  preflightHeaders,
  s3Error,
  type CorsRule,
  type S3Error,
} from "@holdfast/protocol";
import type { Control } from "../access/control.ts";
import type { Received, Reply, Routed } from "../context.ts";
import { namesOf } from "./refuse.ts";

type Rules = Pick<Control, "cors">;

/**
 * Answers a browser's question whether a page may send a request, before anybody authenticates: browsers ask without
 * credentials. Undefined for what is no such question; `AccessForbidden` when the bucket's rules do not allow it.
 */
export function answerPreflight(received: Received, control: Rules): Reply | undefined {
  const { method, headers, target } = received;
  if (method !== "OPTIONS") return undefined;
  const { origin, "access-control-request-method": wanted } = headers;
  const { bucket, key } = namesOf(target);
  if (origin === undefined || wanted === undefined || bucket === undefined) return undefined;
  const asked = { method: wanted, target: key === undefined ? "BUCKET" : "OBJECT" } as const;
  const rules = control.cors(bucket);
  if (rules === undefined) {
    throw refused(asked, {
      message: "CORS is not enabled for this bucket.",
      reason: "cors_absent",
    });
  }
  const requestHeaders = headers["access-control-request-headers"];
  const granted = preflightHeaders(rules, { origin, method: wanted, requestHeaders });
  if (granted === undefined) {
    const message =
      "This CORS request is not allowed: no rule of the bucket has its origin, its method and all of its headers.";
    throw refused(asked, { message, reason: "cors_not_allowed" });
  }
  return { status: 200, headers: granted };
}

/**
 * The answer with what the CORS rules of its bucket add to it. They are ours alone: what an upstream says of CORS is left
 * out, and so no answer allows two origins.
 */
export function withCors(
  reply: Reply,
  request: Received & Partial<Pick<Routed, "bucket">>,
  control: Rules,
): Reply {
  const rules = rulesFor(request, control);
  const { method } = request;
  const own = method === "OPTIONS" ? reply.headers : withoutCors(reply.headers);
  if (rules === undefined) return own === reply.headers ? reply : { ...reply, headers: own ?? {} };
  const { origin } = request.headers;
  const granted =
    origin === undefined || method === "OPTIONS"
      ? undefined
      : actualHeaders(rules, { origin, method });
  const others = own?.["vary"];
  const vary = others === undefined ? corsVary : `${others}, ${corsVary}`;
  return { ...reply, headers: { ...own, ...granted, vary } };
}

function rulesFor(
  { bucket, target }: Received & Partial<Pick<Routed, "bucket">>,
  control: Rules,
): readonly CorsRule[] | undefined {
  const name = bucket ?? namesOf(target).bucket;
  return name === undefined || name === "" ? undefined : control.cors(name);
}

function withoutCors(headers: Reply["headers"]): Reply["headers"] {
  if (headers === undefined || !Object.keys(headers).some((name) => isCors(name))) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isCors(name)));
}

function isCors(name: string): boolean {
  return name.toLowerCase().startsWith("access-control-");
}

function refused(
  asked: { readonly method: string; readonly target: "BUCKET" | "OBJECT" },
  { message, reason }: { readonly message: string; readonly reason: string },
): S3Error {
  return s3Error("AccessForbidden", undefined, {
    message: `CORSResponse: ${message}`,
    extra: { Method: asked.method, ResourceType: asked.target },
    reason,
  });
}
