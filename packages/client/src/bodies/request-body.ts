/** The bytes of a request, ready to be sent, and sent again where `open` can be called again. */
export interface ReplayableBody {
  /** In bytes. */
  readonly length: number;
  /** Whether `open` gives the same bytes each time; otherwise it can be called once. */
  readonly replayable: boolean;
  /** The bytes where they are at hand, else a source that has to be opened for each attempt. */
  open(): Uint8Array | AsyncIterable<Uint8Array>;
  /** Lets go of what was opened and not read to its end. Called once, when the operation is over. */
  end?(): void;
}
