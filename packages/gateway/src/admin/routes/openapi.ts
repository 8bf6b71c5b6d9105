import * as v from "valibot";
import { nothing, route } from "../route.ts";

/** The API's own description. */
export const openApiRoutes = [
  route({
    method: "GET",
    pattern: "/openapi.json",
    name: "getOpenApi",
    summary: "This API as an OpenAPI 3.1 document.",
    status: 200,
    openness: "open",
    path: nothing,
    query: nothing,
    body: nothing,
    answer: v.looseObject({}),
    run: async (_call, { description }) => description(),
  }),
];
