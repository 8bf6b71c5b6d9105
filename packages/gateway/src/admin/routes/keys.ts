import * as v from "valibot";
import { addMasterKey } from "../../control/master-keys.ts";
import type { ResealReport } from "../../control/reseal.ts";
import { AdminError } from "../admin-error.ts";
import { nothing, route } from "../route.ts";

const report = v.object({
  masterKey: v.string(),
  resealed: v.number(),
  unopened: v.array(v.string()),
});

/** What was sealed anew, and under which key. */
export type ResealAnswer = v.InferOutput<typeof report>;

function answerOf({ masterKey, resealed, unopened }: ResealReport): ResealAnswer {
  return { masterKey, resealed, unopened: [...unopened] };
}

/** The keys that secrets are sealed under. */
export const keyRoutes = [
  route({
    method: "POST",
    pattern: "/v1/keys/reseal",
    name: "resealSecrets",
    summary:
      "Seals every secret anew under the first of the master keys, so that the others can go.",
    status: 200,
    errors: ["unavailable"],
    path: nothing,
    query: nothing,
    body: nothing,
    answer: report,
    run: async ({ signal }, { control }) => answerOf(await control.reseal({ signal })),
  }),
  route({
    method: "POST",
    pattern: "/v1/keys/rotate",
    name: "rotateMasterKey",
    summary: "Puts a fresh key first in the file of master keys, and seals every secret under it.",
    status: 200,
    errors: ["unavailable"],
    path: nothing,
    query: nothing,
    body: nothing,
    answer: report,
    run: async ({ signal }, { control, masterKeyFile }) => {
      await addMasterKey(masterKeyFile).catch((cause: unknown) => {
        const expects = "a file of master keys that the server can write";
        throw new AdminError("unavailable", { expects }, { cause });
      });
      return answerOf(await control.reseal({ signal }));
    },
  }),
];
