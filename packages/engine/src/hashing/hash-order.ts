import type { ChecksumAlgorithm } from "@holdfast/protocol";

/** What a hashing thread is told of a body. It answers `update` and `digest`, in the order they came. */
export type HashOrder =
  | { readonly do: "begin"; readonly body: number; readonly algorithm: ChecksumAlgorithm }
  | { readonly do: "update"; readonly body: number; readonly piece: Uint8Array }
  | { readonly do: "digest"; readonly body: number }
  | { readonly do: "abandon"; readonly body: number };
