import { Connection, type Answer, type Exchange } from "./connection.ts";
import { largeBlock, putLarge, rows, type Row } from "./rows.ts";
import type { Reply } from "./servers/limit.ts";
import type { Server } from "./servers/server.ts";

/** Made by the connection itself in the bare server too. */
const ownHeaders = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

/** Asks a row's question once; throws when the answer is not of the kind the row is about. */
export async function sample(server: Server, row: Row): Promise<Answer> {
  const connection = await Connection.open(server.port);
  try {
    const [exchange] = row.exchanges(server);
    if (exchange === undefined) throw new Error("a row needs an exchange");
    const answer = await connection.exchange({ ...exchange, keep: row.movedBytes === undefined });
    const text = answer.body.toString();
    const listed = text.split("<Key>").length - 1;
    const right =
      row.statuses.includes(answer.status) &&
      (row.answerBytes ?? answer.bytes) === answer.bytes &&
      (row.listed ?? listed) === listed;
    if (!right) throw new Error(`${server.name}, ${row.asks}:\n${answer.head}\n${text}`);
    return answer;
  } finally {
    connection.close();
  }
}

/** Stores what the reading rows read. */
export async function fill(server: Server): Promise<void> {
  const small = rows.find(({ id }) => id === "put")?.exchanges(server) ?? [];
  const connection = await Connection.open(server.port);
  try {
    for (const exchange of [...small, putLarge(server, "/bench/large/0", 64)]) {
      const { status, head } = await connection.exchange(exchange);
      if (status !== 200) throw new Error(`${server.name} refused to store:\n${head}`);
    }
  } finally {
    connection.close();
  }
}

function target({ head }: Exchange): string {
  return head.toString("latin1", 0, head.indexOf(" HTTP/1.1\r\n"));
}

function headers({ head, bytes, body }: Answer, bodiless: boolean): string[] {
  const lines = head.split("\r\n").slice(1, -1);
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(":")),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  const kept = pairs.filter(([name = ""]) => !ownHeaders.has(name.toLowerCase()));
  const stated = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return [
    ...kept.flat(),
    "content-length",
    bodiless ? (stated ?? "0") : String(body.length || bytes),
  ];
}

/** What `server` answers to each row, for the bare server to repeat. */
export async function replies(server: Server): Promise<readonly Reply[]> {
  const all: Reply[] = [];
  for (const row of rows) {
    const answer = await sample(server, row);
    const exchanges = row.exchanges(server);
    const large = row.answerBytes === row.movedBytes && row.movedBytes !== undefined;
    for (const exchange of exchanges) {
      const [method = "", path = ""] = target(exchange).split(" ");
      all.push({
        method,
        target: path,
        status: answer.status,
        headers: headers(answer, exchange.bodiless),
        body: (large ? largeBlock : answer.body).toString("base64"),
        times: large ? answer.bytes / largeBlock.length : 1,
      });
    }
  }
  return all;
}
