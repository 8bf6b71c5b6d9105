import { connectS3, type S3Client } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";

/** One life of a server process. */
export interface Life {
  readonly client: S3Client;
  /** When the process was seen to be gone, by `performance.now()`; undefined while it lives. */
  diedAt: number | undefined;
}

interface MortalServerOptions {
  readonly directory: string;
  readonly bucket: string;
  readonly connectionsMax: number;
  /** Stands between the clients and the server; a proof's sabotage. */
  readonly wrap?: ((client: S3Client) => S3Client) | undefined;
}

/** A server that is killed and started again while its clients go on. */
export class MortalServer {
  readonly #options: MortalServerOptions;
  #child: ServerChild | undefined;
  #life: Promise<Life>;

  constructor(options: MortalServerOptions) {
    this.#options = options;
    this.#life = this.#start();
  }

  /** The life that is under way, or the next one once it has begun. */
  life(): Promise<Life> {
    return this.#life;
  }

  /** SIGKILL, then a new process on the same directory; `whileDown` runs in between. */
  crash(whileDown: () => Promise<void> = () => Promise.resolve()): Promise<Life> {
    const before = this.#life;
    this.#life = this.#restart(before, whileDown);
    return this.#life;
  }

  async close(): Promise<void> {
    const life = await this.#life.catch(() => undefined);
    life?.client.close();
    await this.#child?.kill();
  }

  async #restart(before: Promise<Life>, whileDown: () => Promise<void>): Promise<Life> {
    const life = await before;
    await this.#child?.kill();
    life.diedAt = performance.now();
    life.client.close();
    await whileDown();
    return this.#start();
  }

  async #start(): Promise<Life> {
    const {
      directory,
      bucket,
      connectionsMax,
      wrap = (client: S3Client) => client,
    } = this.#options;
    this.#child = await startServer({ directory, buckets: [bucket] });
    return { client: wrap(connectS3(this.#child.port, connectionsMax)), diedAt: undefined };
  }
}
