import { expect, test } from "vitest";
import { parseArguments } from "../arguments.ts";
import { helpText } from "../help.ts";
import { usageOf } from "./command.ts";
import { adminCommands } from "./commands.ts";
import { adminCommandsPage } from "./commands-page.ts";

test("docs/reference/admin-commands.md is the table of commands", async () => {
  await expect(adminCommandsPage()).toMatchFileSnapshot(
    "../../../../docs/reference/admin-commands.md",
  );
});

test.each(adminCommands.map((command) => [command.name, command] as const))(
  "the example of %s is a whole command line, and its help shows it",
  (name, command) => {
    const words = command.example.split(" ").map((word) => word.replaceAll("'", ""));
    const invocation = parseArguments(words);
    expect(invocation).toMatchObject({ command: "admin", asked: { name } });
    if (invocation.command !== "admin") throw new Error("another command");
    for (const argument of [...command.operands, ...command.required]) {
      expect(invocation.given.required(argument)).toBeDefined();
    }
    for (const argument of command.options) invocation.given.optional(argument);
    expect(helpText(name)).toContain(usageOf(command));
    expect(helpText(name.split(" ", 1)[0])).toContain(`holdfast ${command.example}\n`);
  },
);

test("the help of everything names every command", () => {
  for (const { name, summary } of adminCommands) {
    const line = helpText()
      .split("\n")
      .find((one) => one.startsWith(`  ${name} `));
    expect(line?.endsWith(` ${summary}`)).toBe(true);
  }
});
