import type { AdminCommand } from "../command.ts";

/** The keys that secrets are sealed under. */
export const keyCommands: readonly AdminCommand[] = [
  {
    name: "key reseal",
    summary:
      "Seals every secret anew under the first master key of the file, so that older keys can go.",
    operands: [],
    required: [],
    options: [],
    example: "key reseal",
    run: async (_given, { api }) => {
      const asking = { method: "POST", path: "/v1/keys/reseal" } as const;
      const json = await api.ask<{ readonly resealed: number }>(asking);
      return { json, text: `${json.resealed} credentials were sealed anew.\n` };
    },
  },
];
