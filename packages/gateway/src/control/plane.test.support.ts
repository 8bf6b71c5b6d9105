import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane.ts";
import { openControl, type ControlOptions } from "./open-control.ts";

/** The moment at which the clock of a test stands. */
export const testNow = Date.UTC(2026, 10, 21);

/** A directory for one control plane, and however many openings of it. */
export class PlaneFixture {
  readonly directory: string;
  readonly #open: ControlPlane[] = [];
  now = testNow;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<PlaneFixture> {
    return new PlaneFixture(await mkdtemp(join(tmpdir(), "control-")));
  }

  get path(): string {
    return join(this.directory, "control.db");
  }

  get keyFile(): string {
    return join(this.directory, "master-keys");
  }

  async open(options: Partial<ControlOptions> = {}): Promise<ControlPlane> {
    const plane = await openControl({
      path: this.path,
      masterKeys: { file: this.keyFile },
      root: { accessKeyId: "ROOT", secretAccessKey: "the root's secret" },
      now: () => this.now,
      ...options,
    });
    this.#open.push(plane);
    return plane;
  }

  async close(): Promise<void> {
    for (const plane of this.#open.splice(0)) await plane.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.directory, { recursive: true });
  }
}
