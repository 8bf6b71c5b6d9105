/** An upload that was begun, as its client knows it. */
export interface LoggedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** For each part number: the ETags that it may have. One that was acknowledged is the only one. */
  readonly parts: ReadonlyMap<number, ReadonlySet<string>>;
  /** Whether its end was asked for, and not answered. */
  readonly isEnding: boolean;
}

interface UploadState extends LoggedUpload {
  readonly parts: Map<number, Set<string>>;
  isEnding: boolean;
}

/** The client's own log of its uploads. */
export class UploadLog {
  readonly #open = new Map<string, UploadState>();
  readonly #ended = new Set<string>();

  open(): readonly LoggedUpload[] {
    return [...this.#open.values()];
  }

  /** Whether the server said that it was completed or aborted, or a look after a crash found it so. */
  hasEnded(uploadId: string): boolean {
    return this.#ended.has(uploadId);
  }

  begun(key: string, uploadId: string): void {
    this.#open.set(uploadId, { key, uploadId, parts: new Map(), isEnding: false });
  }

  partAsked(uploadId: string, part: { readonly number: number; readonly etag: string }): void {
    const parts = this.#open.get(uploadId)?.parts;
    // The empty ETag stands for no part at all.
    parts?.set(part.number, new Set([...(parts.get(part.number) ?? [""]), part.etag]));
  }

  partAnswered(uploadId: string, part: { readonly number: number; readonly etag: string }): void {
    this.#open.get(uploadId)?.parts.set(part.number, new Set([part.etag]));
  }

  endAsked(uploadId: string): void {
    const upload = this.#open.get(uploadId);
    if (upload !== undefined) upload.isEnding = true;
  }

  ended(uploadId: string): void {
    this.#open.delete(uploadId);
    this.#ended.add(uploadId);
  }

  /** After a crash nothing is under way any more: what is seen now is what stays. */
  observed(uploadId: string, parts: ReadonlyMap<number, string>): void {
    const upload = this.#open.get(uploadId);
    if (upload === undefined) return;
    upload.isEnding = false;
    for (const number of upload.parts.keys()) {
      upload.parts.set(number, new Set([parts.get(number) ?? ""]));
    }
  }
}
