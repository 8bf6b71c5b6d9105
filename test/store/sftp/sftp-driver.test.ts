import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { Store } from "@holdfast/store";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { SftpDriver, type SftpDriverOptions } from "@holdfast/store/sftp";
import { fixtureOn } from "./fixture.ts";

await conformance({ name: "sftp", make: () => fixtureOn({}) }, test);
await conformance({ name: "sftp3", make: () => fixtureOn({ server: "sftp3" }) }, test);
