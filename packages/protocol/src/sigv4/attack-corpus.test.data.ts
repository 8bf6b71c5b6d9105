import { attacksOnPresigned } from "./attacks-on-presigned.test.data.ts";
import { attacksOnRequests, dangerousHeaders } from "./attacks-on-requests.test.data.ts";
import { attacksOnStreams } from "./attacks-on-streams.test.data.ts";
import { attacksOnTargets } from "./attacks-on-targets.test.data.ts";
import {
  withAuthorization,
  withExtraHeader,
  type HonestName,
  type Signer,
  type WireRequest,
} from "./wire-request.test.data.ts";

/** One way to abuse a request that was honestly signed. */
export interface Attack {
  /** The honest request that it starts from. */
  readonly on: HonestName;
  readonly make: (request: WireRequest, signer: Signer) => WireRequest;
}

const unsignedHeaders = dangerousHeaders.flatMap(([name, value]) =>
  (
    [
      "presignedPut",
      "presignedGet",
      "get",
      "unsignedPut",
      "post",
      "chunked",
      "unsignedTrailer",
    ] as const
  ).map((on): [string, Attack] => [
    `unsigned header ${name} on ${on}`,
    { on, make: (request) => withExtraHeader(request, name, value) },
  ]),
);

const randomSeeds = (["get", "put", "unsignedPut"] as const).map((on): [string, Attack] => [
  `random signature on ${on}`,
  {
    on,
    make: (request) =>
      withAuthorization(request, (text) => text.replace(/[^=]*$/, "cd".repeat(32))),
  },
]);

/** Every attack by name. None of them may be accepted, whoever runs the corpus. */
export const attackCorpus: Readonly<Record<string, Attack>> = {
  ...attacksOnRequests,
  ...attacksOnPresigned,
  ...attacksOnTargets,
  ...attacksOnStreams,
  ...Object.fromEntries([...unsignedHeaders, ...randomSeeds]),
};
