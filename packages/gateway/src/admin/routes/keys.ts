import * as v from "valibot";
import { nothing, route } from "../route.ts";

/** The keys that secrets are sealed under. */
export const keyRoutes = [
  route({
    method: "POST",
    pattern: "/v1/keys/reseal",
    name: "reseal",
    summary:
      "Seals every secret anew under the first of the master keys, so that the others can go.",
    status: 200,
    path: nothing,
    query: nothing,
    body: nothing,
    answer: v.object({
      masterKey: v.string(),
      resealed: v.number(),
      unopened: v.array(v.string()),
    }),
    run: async ({ signal }, { control }) => {
      const { masterKey, resealed, unopened } = await control.reseal({ signal });
      return { masterKey, resealed, unopened: [...unopened] };
    },
  }),
];
