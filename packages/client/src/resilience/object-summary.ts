import type { AnswerBody } from "../bodies/answer-body.ts";

/** What a cached object is known by, as `getObject` gives it. */
export interface ObjectSummary {
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
  /** In bytes, of this answer. */
  readonly contentLength?: number | undefined;
  readonly contentRange?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly lastModified?: Date | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** An object that can be read, once. */
export interface ReadableObject extends ObjectSummary {
  readonly body: AnswerBody;
}

/** What of an object is kept beside its bytes. */
export function summaryOf(object: ObjectSummary): ObjectSummary {
  const { etag, versionId, contentLength, contentRange } = object;
  const { contentType, contentEncoding, lastModified, metadata } = object;
  return {
    etag,
    versionId,
    contentLength,
    contentRange,
    contentType,
    contentEncoding,
    lastModified,
    metadata,
  };
}

/** Reads a summary that was written as JSON; what is not as it was written is left out. */
export function parseSummary(json: object): ObjectSummary {
  const fields = new Map<string, unknown>(Object.entries(json));
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const length = fields.get("contentLength");
  const modified = text("lastModified");
  return {
    etag: text("etag"),
    versionId: text("versionId"),
    contentLength: typeof length === "number" ? length : undefined,
    contentRange: text("contentRange"),
    contentType: text("contentType"),
    contentEncoding: text("contentEncoding"),
    lastModified: modified === undefined ? undefined : new Date(modified),
    metadata: metadataOf(fields.get("metadata")),
  };
}

function metadataOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const pairs = Object.entries(value).flatMap(([name, text]: [string, unknown]) =>
    typeof text === "string" ? [[name, text] as const] : [],
  );
  return Object.fromEntries(pairs);
}
