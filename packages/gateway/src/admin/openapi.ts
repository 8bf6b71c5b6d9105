import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { adminErrors, type AdminErrorCode } from "./catalogue.ts";
import type { RouteRow } from "./route.ts";
import { adminRoutes } from "./routes.ts";

type Json = Readonly<Record<string, unknown>>;

/** What every request with a token can be refused for. */
const everywhere: readonly AdminErrorCode[] = [
  "bad_request",
  "host_not_allowed",
  "internal",
  "unauthorized",
];

/** The admin API as an OpenAPI 3.1 document, from the table of routes and the catalogue of errors. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const row of adminRoutes) {
    const methods = (paths[row.pattern] ??= {});
    methods[row.method.toLowerCase()] = operation(row);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Holdfast admin API",
      version: "1",
      description: "Who may do what on a Holdfast gateway, and how it is.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Error: errorSchema() },
    },
  };
}

function operation(row: RouteRow): Json {
  const { name, summary, openness = "token" } = row;
  const body = jsonSchema(row.body);
  const hasBody = Object.keys(propertiesOf(body)).length > 0;
  return {
    operationId: name,
    summary,
    parameters: [...parameters(row.path, "path"), ...parameters(row.query, "query")],
    ...(hasBody && { requestBody: { required: true, content: content(body) } }),
    ...(openness === "open" && { security: [] }),
    responses: responses(row),
  };
}

function responses(row: RouteRow): Json {
  const { status, answer, pages = [], errors = [] } = row;
  const kinds = pages.map((type) => [type, { schema: { type: "string" } }] as const);
  const own = answer === undefined ? Object.fromEntries(kinds) : content(jsonSchema(answer));
  const isEmpty = Object.keys(own).length === 0;
  const codes = [...everywhere, ...errors].toSorted();
  const refusals = codes.map((code) => {
    const { status: failed } = adminErrors[code];
    const alike = codes.filter((other) => adminErrors[other].status === failed);
    const description = alike.map((one) => `\`${one}\`: ${adminErrors[one].message}`).join(" ");
    return [failed, { description, content: content({ $ref: "#/components/schemas/Error" }) }];
  });
  return {
    [status]: { description: "Done.", ...(!isEmpty && { content: own }) },
    ...Object.fromEntries(refusals),
  };
}

function content(schema: Json): Json {
  return { "application/json": { schema } };
}

function parameters(schema: v.GenericSchema, place: "path" | "query"): readonly Json[] {
  const given = jsonSchema(schema);
  const required = Array.isArray(given["required"]) ? given["required"] : [];
  return Object.entries(propertiesOf(given)).map(([name, one]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: one,
  }));
}

/** What an object's schema says of its fields; nothing for another schema. */
export function propertiesOf({ properties }: Json): object {
  return typeof properties === "object" && properties !== null ? properties : {};
}

/** What a request must be; a check that JSON Schema cannot say is left to the server. */
export function jsonSchema(schema: v.GenericSchema): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  return rest;
}

function errorSchema(): Json {
  const detail = { type: "object", additionalProperties: { type: "string" } };
  const error = {
    type: "object",
    properties: {
      code: { enum: Object.keys(adminErrors) },
      message: { type: "string" },
      detail,
    },
    required: ["code", "message"],
  };
  return { type: "object", properties: { error }, required: ["error"] };
}
