import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

// A server that takes everything and checks nothing, so that the client is what takes the time.
const requestId = ["x-amz-request-id", "0123456789ABCDEF"];
const etag = ["etag", '"d41d8cd98f00b204e9800998ecf8427e"'];
const dates = ["last-modified", "Sat, 21 Nov 2026 10:00:00 GMT", "accept-ranges", "bytes"];
const small = Buffer.alloc(1024, "s");
const block = Buffer.alloc(256 * 1024, "l");
const blocks = 256;
const page = Buffer.from(listPage());

function listPage(): string {
  const contents = Array.from({ length: 1000 }, (_, index) => {
    const key = `photos/2026/11/${String(index).padStart(6, "0")} &amp; more.jpg`;
    return `<Contents><Key>${key}</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${index}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
}

async function sendLarge(response: ServerResponse): Promise<void> {
  const length = String(blocks * block.length);
  response.writeHead(200, [...requestId, ...etag, ...dates, "content-length", length]);
  for (let sent = 0; sent < blocks; sent += 1) {
    if (!response.write(block)) await once(response, "drain");
  }
  response.end();
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = "" } = request;
  if (method === "PUT") {
    request.on("end", () => {
      response.writeHead(200, [...requestId, ...etag, "content-length", "0"]).end();
    });
    request.resume();
  } else if (url.startsWith("/bench/large")) {
    void sendLarge(response);
  } else if (url.startsWith("/bench/small")) {
    const length = ["content-length", "1024", "content-type", "application/octet-stream"];
    response.writeHead(200, [...requestId, ...etag, ...dates, ...length]).end(small);
  } else {
    const length = ["content-length", String(page.length), "content-type", "application/xml"];
    response.writeHead(200, [...requestId, ...length]).end(page);
  }
}

const server = createServer({ keepAliveTimeout: 0 }, answer);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
