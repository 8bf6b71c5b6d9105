import { describe, expect, test } from "vitest";
import { parseAmzDate } from "../dates.ts";
import { ChunkedDecoder } from "../streaming/chunked-decoder.ts";
import { ChunkedEncoder, chunkedLength } from "../streaming/chunked-encoder.ts";
import { readAuthorization } from "./authorization.ts";
import { payloadModes } from "./payload-declaration.ts";
import { presign } from "./presign.ts";
import { chunkChain, signRequest } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and its neighbours.
const region = "us-east-1";
const now = parseAmzDate("20130524T000000Z") ?? 0;
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: secret };
const host = "examplebucket.s3.amazonaws.com";
const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const cases = [
  {
    name: "GET object with a range",
    request: { method: "GET", target: "/test.txt", headers: { host, range: "bytes=0-9" } },
    payload: emptySha256,
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    name: "PUT object with a date header and a dollar sign",
    request: {
      method: "PUT",
      target: "/test$file.text",
      headers: {
        host,
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
    },
    payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    name: "GET bucket lifecycle",
    request: { method: "GET", target: "/?lifecycle", headers: { host } },
    payload: emptySha256,
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    name: "list objects",
    request: { method: "GET", target: "/?max-keys=2&prefix=J", headers: { host } },
    payload: emptySha256,
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
];

const toRaw = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).flat();

describe("AWS's published examples", () => {
  test.each(cases)(
    "$name is signed as published and verifies",
    ({ request, payload, signature }) => {
      const headers = signRequest(request, { credentials, region, now, payload });
      expect(headers["authorization"]).toMatch(new RegExp(`Signature=${signature}$`));
      const presented = readAuthorization({ ...request, rawHeaders: toRaw(headers) }, { region });
      expect(presented).toBeDefined();
      if (presented === undefined) return;
      const verified = verify(presented, { secret, now, keys: new SigningKeys() });
      expect(verified).toEqual({
        accessKeyId: credentials.accessKeyId,
        via: "header",
        payload: { kind: "hashed", sha256: payload },
      });
    },
  );

  test("the presigned GET is signed as published and verifies", () => {
    const options = { credentials, region, now, expiresSeconds: 86_400 };
    const request = { method: "GET", target: "/test.txt", headers: { host } };
    const target = presign(request, options);
    expect(target).toBe(
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
    const presented = readAuthorization(
      { method: "GET", target, rawHeaders: ["Host", host] },
      { region },
    );
    expect(presented?.via).toBe("presigned");
  });
});

const upload = (
  mode: string,
  extra: Record<string, string>,
  bytes: number,
): Record<string, string> => ({
  ...signRequest(
    {
      method: "PUT",
      target: "/examplebucket/chunkObject.txt",
      headers: {
        host: "s3.amazonaws.com",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        ...(bytes > 0 ? { "content-length": String(bytes) } : {}),
        ...extra,
      },
    },
    { credentials, region, now, payload: mode },
  ),
});

const throughDecoder = (
  headers: Record<string, string>,
  options: { wire: Buffer; trailer: boolean; announced: string[] },
): { payload: Buffer; trailers: ReadonlyMap<string, string> } => {
  const request = {
    method: "PUT",
    target: "/examplebucket/chunkObject.txt",
    rawHeaders: toRaw(headers),
  };
  const presented = readAuthorization(request, { region });
  if (presented === undefined) throw new Error("anonymous");
  const mode = verify(presented, { secret, now, keys: new SigningKeys() }).payload;
  if (mode.kind !== "chunked" || mode.signer === undefined) throw new Error("not signed");
  const { signer } = mode;
  const decoder = new ChunkedDecoder({ signer, decodedLength: 66_560, ...options });
  const pieces = decoder.write(options.wire);
  return { trailers: decoder.end(), payload: Buffer.concat(pieces) };
};

describe("AWS's published chunked upload", () => {
  const payload = Buffer.alloc(66_560, "a");
  test("the seed and every chunk are signed as published, and decode", () => {
    const length = chunkedLength(66_560, { signed: true, trailer: false, chunkBytes: 65_536 });
    expect(length).toBe(66_824);
    const headers = upload(payloadModes.signedChunks, {}, length);
    expect(headers["authorization"]).toContain(
      "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    const chain = chunkChain(headers, { credentials, region, now });
    const encoder = new ChunkedEncoder({ chain, trailer: false, chunkBytes: 65_536 });
    const wire = Buffer.concat([...encoder.write(payload), ...encoder.end()]);
    expect(wire.length).toBe(length);
    const signatures = [
      ...wire.toString("latin1").matchAll(/(10000|400|0);chunk-signature=(\w{64})/g),
    ];
    expect(signatures.map(([, size, signature]) => [size, signature])).toEqual([
      ["10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"],
      ["400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"],
      ["0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"],
    ]);
    const decoded = throughDecoder(headers, { wire, trailer: false, announced: [] });
    expect(decoded.payload.equals(payload)).toBe(true);
  });

  test("the chunks and the trailer of the upload with a trailer are signed as published", () => {
    const announced = ["x-amz-checksum-crc32c"];
    const headers = upload(
      payloadModes.signedChunksTrailer,
      { "x-amz-trailer": announced[0] ?? "" },
      0,
    );
    expect(headers["authorization"]).toContain(
      "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    const chain = chunkChain(headers, { credentials, region, now });
    const encoder = new ChunkedEncoder({ chain, trailer: true, chunkBytes: 65_536 });
    const trailers = new Map([["x-amz-checksum-crc32c", "sOO8/Q=="]]);
    const wire = Buffer.concat([...encoder.write(payload), ...encoder.end(trailers)]);
    const text = wire.toString("latin1");
    expect([...text.matchAll(/-signature[=:](\w{64})/g)].map(([, signature]) => signature)).toEqual(
      [
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
      ],
    );
    const decoded = throughDecoder(headers, { wire, trailer: true, announced });
    expect(decoded.trailers).toEqual(trailers);
  });
});
