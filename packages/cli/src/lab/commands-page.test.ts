import { expect, test } from "vitest";
import { usageOf } from "../admin/command.ts";
import { parseArguments } from "../arguments.ts";
import { helpText } from "../help.ts";
import { labCommandsPage } from "./commands-page.ts";
import { labCommands } from "./lab-commands.ts";

test("docs/reference/lab-commands.md is the table of commands", async () => {
  await expect(labCommandsPage()).toMatchFileSnapshot("../../../../docs/reference/lab-commands.md");
});

test.each(labCommands.map((command) => [command.name, command] as const))(
  "the example of %s is a whole command line, and its help shows it",
  (name, command) => {
    const invocation = parseArguments(command.example.split(" "));
    expect(invocation).toMatchObject({ command: "lab", asked: { name } });
    if (invocation.command !== "lab") throw new Error("another command");
    for (const argument of [...command.operands, ...command.required]) {
      expect(invocation.given.required(argument)).toBeDefined();
    }
    if (command.rest !== undefined) {
      expect(invocation.given.rest(command.rest).length).toBeGreaterThan(0);
    }
    for (const argument of command.options) invocation.given.optional(argument);
    expect(helpText(name)).toContain(usageOf(command));
    expect(helpText(name.split(" ", 1)[0])).toContain(`holdfast ${command.example}\n`);
    expect(helpText()).toContain(`  ${name} `);
  },
);
