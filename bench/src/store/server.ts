import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

// A server that takes everything and checks nothing, so that the store is what takes the time.
const common = ["x-amz-request-id", "0123456789ABCDEF"].concat(
  ["etag", '"d41d8cd98f00b204e9800998ecf8427e"'],
  ["last-modified", "Sat, 21 Nov 2026 10:00:00 GMT"],
);
const small = Buffer.alloc(1024, "s");
const block = Buffer.alloc(256 * 1024, "l");
const blocks = 256;
const pageKeys = 1000;
let requests = 0;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A page of as many keys as the prefix says, from the one that the token says. */
function listPage(query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const total = Number.parseInt(prefix, 10) || pageKeys;
  const from = Number(query.get("continuation-token") ?? 0);
  const to = Math.min(from + pageKeys, total);
  const contents = Array.from({ length: to - from }, (_, index) => {
    const key = `${prefix.replace(/\/$/, "")}/2026/${String(from + index).padStart(8, "0")}.jpg`;
    return `<Contents><Key>${key}</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${index}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = to < total ? `<NextContinuationToken>${to}</NextContinuationToken>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix>${prefix}</Prefix><KeyCount>${to - from}</KeyCount><MaxKeys>${pageKeys}</MaxKeys><IsTruncated>${to < total}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
}

const pages = new Map<string, Buffer>();

function sendXml(response: ServerResponse, text: string | Buffer): void {
  const body = Buffer.from(text);
  const length = ["content-length", String(body.byteLength), "content-type", "application/xml"];
  response.writeHead(200, [...common, ...length]).end(body);
}

function sendPage(response: ServerResponse, { query }: Asked): void {
  const name = `${query.get("prefix")} ${query.get("continuation-token")}`;
  const page = pages.get(name) ?? Buffer.from(listPage(query));
  pages.set(name, page);
  sendXml(response, page);
}

async function sendLarge(response: ServerResponse): Promise<void> {
  response.writeHead(200, [...common, "content-length", String(blocks * block.length)]);
  for (let sent = 0; sent < blocks; sent += 1) {
    if (!response.write(block)) await once(response, "drain");
  }
  response.end();
}

/** The two requests of an upload in parts that have a body to read. */
function sendUpload(response: ServerResponse, { query }: Asked): void {
  const place = "<Bucket>bench</Bucket><Key>written-large</Key>";
  sendXml(
    response,
    query.has("uploads")
      ? `<InitiateMultipartUploadResult>${place}<UploadId>u1</UploadId></InitiateMultipartUploadResult>`
      : `<CompleteMultipartUploadResult>${place}<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e-8&quot;</ETag></CompleteMultipartUploadResult>`,
  );
}

function send(response: ServerResponse, asked: Asked): void {
  const { method, path, query } = asked;
  if (method === "PUT") response.writeHead(200, [...common, "content-length", "0"]).end();
  else if (method === "DELETE") response.writeHead(204, common).end();
  else if (method === "POST") sendUpload(response, asked);
  else if (query.has("list-type")) sendPage(response, asked);
  else if (path === "/requests") sendXml(response, String(requests));
  else if (path.startsWith("/bench/large")) void sendLarge(response);
  else {
    const length = ["content-length", "1024", "content-type", "application/octet-stream"];
    response.writeHead(200, [...common, ...length]).end(small);
  }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const asked = { method: request.method ?? "", path: url.pathname, query: url.searchParams };
  if (asked.path !== "/requests") requests += 1;
  request.on("end", () => send(response, asked)).resume();
}

const server = createServer({ keepAliveTimeout: 0 }, answer);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
