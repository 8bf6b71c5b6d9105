/** What ours adds, and a grantee's type, which follows from what else it has. */
const oneSided = new Set([
  "$metadata",
  "httpstatus",
  "requestid",
  "notmodified",
  "body",
  "isdeletemarker",
  "type",
]);

/**
 * An output with nothing left but what was read: names in lower case, etags without quotes, no empty lists, checksums
 * as fields of their own, tags as a list.
 */
export function plain(value: unknown, without: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (!isRecord(value)) return value;
  const output: Record<string, unknown> = {};
  for (const [given, field] of Object.entries(value)) {
    const name = given.toLowerCase();
    if (oneSided.has(name) || without.includes(given) || isNothing(field)) continue;
    Object.assign(output, plainField(name, field));
  }
  return output;
}

function isNothing(field: unknown): boolean {
  return field === undefined || (Array.isArray(field) && field.length === 0);
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}

function plainField(name: string, field: unknown): object {
  if (name === "etag") return { etag: String(field).replaceAll('"', "") };
  if (name === "commonprefixes" && Array.isArray(field)) {
    return { [name]: field.map((one) => (typeof one === "string" ? { prefix: one } : plain(one))) };
  }
  if (!isRecord(field)) return { [name]: field };
  if (name === "metadata") return Object.keys(field).length === 0 ? {} : { metadata: field };
  if (name === "tagging") {
    return { tagset: Object.entries(field).map(([key, value]) => ({ key, value })) };
  }
  if (name === "checksum" && isChecksum(field)) {
    return { [`checksum${field.algorithm.toLowerCase()}`]: field.value, checksumtype: field.type };
  }
  return { [name]: plain(field) };
}

function isChecksum(field: object): field is { algorithm: string; value: string; type: string } {
  return "algorithm" in field;
}
