import type { ResealAnswer } from "@holdfast/gateway";
import type { AdminCommand } from "../command.ts";

function said(json: ResealAnswer): string {
  const { masterKey, resealed, unopened } = json;
  const left =
    unopened.length === 0
      ? ""
      : `${unopened.length} open under no key that is there: ${unopened.join(", ")}\n`;
  return `The key ${masterKey} seals; ${resealed} secrets were sealed anew.\n${left}`;
}

/** The keys that secrets are sealed under. */
export const keyCommands: readonly AdminCommand[] = [
  {
    name: "key reseal",
    summary: "Seals every secret anew under the first master key, so that the others can go.",
    operands: [],
    required: [],
    options: [],
    example: "key reseal",
    run: async (_given, { api }) => {
      const json = await api.ask<ResealAnswer>({ method: "POST", path: "/v1/keys/reseal" });
      return { json, text: said(json) };
    },
  },
  {
    name: "key rotate",
    summary: "Puts a fresh key first in the file of master keys and seals every secret under it.",
    operands: [],
    required: [],
    options: [],
    example: "key rotate",
    run: async (_given, { api }) => {
      const json = await api.ask<ResealAnswer>({ method: "POST", path: "/v1/keys/rotate" });
      return { json, text: said(json) };
    },
  },
];
