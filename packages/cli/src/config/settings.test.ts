import { statusProfiles } from "@holdfast/gateway";
import { expect, test } from "vitest";
import { configurationPage } from "./configuration-page.ts";
import { settingRows, settings } from "./settings.ts";

test("the status profiles are the gateway's", () => {
  expect(settings.statusProfile.schema.options).toEqual(statusProfiles);
});

test("no two settings share a flag, a variable or a key", () => {
  const names = settingRows.flatMap(({ name, flag, env, file }) => [
    `--${flag ?? name}`,
    env ?? name,
    `file ${file ?? name}`,
  ]);
  expect(new Set(names).size).toBe(names.length);
});

test("a secret can come from the environment alone", () => {
  const secrets = settingRows.filter(({ secret }) => secret);
  expect(secrets.map(({ flag, file }) => [flag, file])).toEqual([[undefined, undefined]]);
});

test("docs/reference/configuration.md is the table of settings", async () => {
  await expect(configurationPage()).toMatchFileSnapshot(
    "../../../../docs/reference/configuration.md",
  );
});
