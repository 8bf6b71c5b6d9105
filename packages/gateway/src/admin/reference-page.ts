import type * as v from "valibot";
import { adminErrors } from "./catalogue.ts";
import { jsonSchema, propertiesOf } from "./openapi.ts";
import type { RouteRow } from "./route.ts";
import { adminRoutes } from "./routes.ts";

/** The page docs/reference/admin-api.md, from the table of routes and the catalogue of errors. */
export function adminApiPage(): string {
  return `# Admin API

JSON over a listener of its own, never that of S3. \`holdfast serve\` puts it on a free port of 127.0.0.1, or where
\`--admin-listen\` says, and keeps its address in \`endpoint.json\` in the data directory. The commands that ask a running
server are its clients; [admin-openapi.json](admin-openapi.json) describes it for others, and every listener gives it out
as \`/openapi.json\`.

A request presents the token that the first start put into \`admin-token\` in the data directory, which its owner alone can
read: \`Authorization: Bearer TOKEN\`. It is made for an address, for \`localhost\`, or for a name that \`adminHosts\` lists. A
body is JSON of at most 64 KiB, declared \`application/json\`; a field that is not known is refused. Lists come in pages: what
\`nextPageToken\` holds goes into \`pageToken\` for the next one.

| request | does | takes | answers |
| --- | --- | --- | --- |
${adminRoutes.map(routeLine).join("\n")}

What is marked *open* is answered without the token, *this machine* to requests of the machine itself that no proxy sent
on.

## Errors

\`{"error":{"code","message","detail"}}\`. \`detail\`, where there is one, names the \`field\` and what it \`expects\`.

| code | status | means |
| --- | --- | --- |
${Object.entries(adminErrors)
  .map(([code, { status, message }]) => `| \`${code}\` | ${status} | ${message} |`)
  .join("\n")}
`;
}

function routeLine({ method, pattern, summary, openness = "token", ...row }: RouteRow): string {
  const open = { token: "", machine: " *This machine.*", open: " *Open.*" }[openness];
  const takes = [...fieldsOf(row.query), ...fieldsOf(row.body)].join(", ");
  const gives = row.answer === undefined ? (row.pages ?? []) : fieldsOf(row.answer);
  return `| \`${method} ${pattern}\` | ${summary}${open} | ${takes} | ${row.status} ${gives.join(", ")} |`;
}

function fieldsOf(schema: v.GenericSchema): readonly string[] {
  const json = jsonSchema(schema);
  const required = Array.isArray(json["required"]) ? json["required"] : [];
  return Object.keys(propertiesOf(json)).map((name) =>
    required.includes(name) ? `\`${name}\`` : `\`${name}\`?`,
  );
}
