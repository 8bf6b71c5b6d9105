import type { Attachment } from "../access/control.ts";
import type { BucketSettings } from "./control-plane.ts";
import { Collection } from "./collection.ts";
import { Reader } from "./reader.ts";
import { rowSchemas } from "./rows.ts";
import { sources } from "./sources.ts";

/** To read one by its name costs about as much as this many when all are read; a few are never worth that. */
const dearer = 8;
const manyNames = 16;

/** The control plane's database in memory, as of the last look at it. */
export class Snapshot {
  readonly tenants = new Collection(sources.tenant);
  readonly credentials = new Collection(sources.credential);
  readonly sealingKeys = new Collection(sources.sealing_key);
  readonly quotas = new Collection(sources.quota);
  readonly anonymous = new Collection(sources.anonymous);
  readonly cors = new Collection(sources.cors);
  readonly #attachments = new Collection(sources.attachment);
  readonly #collections: ReadonlyMap<string, Collection<unknown>> = new Map<
    string,
    Collection<unknown>
  >([
    ["tenant", this.tenants],
    ["credential", this.credentials],
    ["sealing_key", this.sealingKeys],
    ["quota", this.quotas],
    ["anonymous", this.anonymous],
    ["cors", this.cors],
    ["attachment", this.#attachments],
  ]);
  readonly #reader: Reader;
  /** What SQLite counts; it changes with every commit of anybody's. */
  #version: unknown;
  /** The last of the changes that are taken over. */
  #seq = -1;
  #sorted: readonly Attachment[] | undefined;

  /** Reads everything; throws when it cannot. */
  constructor(path: string) {
    this.#reader = new Reader(path);
    try {
      this.refresh();
    } catch (cause) {
      this.#reader.close();
      throw cause;
    }
  }

  /** Takes over what changed since, whoever changed it, and says if anything did; or throws and stays as it was. */
  refresh(): boolean {
    const version = this.#reader.version();
    if (version === this.#version) return false;
    const changed = this.#reader.atOnce(() => this.#takeOver());
    this.#version = version;
    return changed;
  }

  attachment(bucket: string): Attachment | undefined {
    return this.#attachments.get(bucket);
  }

  attachments(): readonly Attachment[] {
    this.#sorted ??= [...this.#attachments.values()].toSorted((a, b) =>
      a.bucket < b.bucket ? -1 : 1,
    );
    return this.#sorted;
  }

  settings(): readonly BucketSettings[] {
    const { quotas, anonymous, cors } = this;
    const names = new Set([...quotas.names(), ...anonymous.names(), ...cors.names()]);
    return [...names].toSorted().map((bucket) => ({
      bucket,
      quota: quotas.get(bucket),
      anonymous: anonymous.get(bucket),
      cors: cors.get(bucket),
    }));
  }

  close(): void {
    this.#reader.close();
  }

  #takeOver(): boolean {
    const changes = this.#reader.rows(
      rowSchemas.change,
      "select seq, kind, name from changes where seq >= ? order by seq",
      this.#seq,
    );
    // The last one known is read again: where it is gone, others that were not read may be gone with it.
    const [known, ...news] = changes;
    const missed = known?.seq !== this.#seq;
    if (!missed && news.length === 0) return false;
    const takeOver = missed ? this.#readAll() : this.#readChanged(news);
    for (const apply of takeOver) apply();
    this.#seq = changes.at(-1)?.seq ?? 0;
    this.#sorted = undefined;
    return true;
  }

  #readAll(): (() => void)[] {
    return [...this.#collections.values()].map((collection) => collection.readAll(this.#reader));
  }

  #readChanged(news: readonly { readonly kind: string; readonly name: string }[]): (() => void)[] {
    return [...this.#collections].flatMap(([kind, collection]) => {
      const names = new Set(news.filter((one) => one.kind === kind).map(({ name }) => name));
      if (names.size > manyNames && names.size * dearer > collection.size) {
        return [collection.readAll(this.#reader)];
      }
      return [...names].map((name) => collection.readOne(this.#reader, name));
    });
  }
}
