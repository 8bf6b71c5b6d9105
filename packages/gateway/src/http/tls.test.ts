import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:https";
import { connect as connectPlain } from "node:net";
import { text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Metrics } from "../operator/metrics.ts";
import { credentials, region, startSubject, type Subject } from "../s3-subject.test.support.ts";
import { selfSigned } from "./certificate.test.support.ts";
import type { TlsIdentity } from "./tls.ts";

const made = [selfSigned(), selfSigned()] as const;
const none: TlsIdentity = { certificate: "", key: "" };
const [first = none, second = none] = made;

describe.skipIf(made.includes(undefined))("over TLS (needs openssl)", () => {
  let subject: Subject;
  let metrics: Metrics;
  const opened: TLSSocket[] = [];

  beforeEach(async () => {
    metrics = new Metrics();
    subject = await startSubject("aws", { tls: first, metrics });
    await subject.engine.createBucket("photos");
  });

  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await subject.close();
  });

  async function handshake(trusted: TlsIdentity): Promise<TLSSocket> {
    const { port } = subject.gateway;
    const socket = connect({ host: "127.0.0.1", port, ca: trusted.certificate });
    opened.push(socket);
    await once(socket, "secureConnect");
    return socket;
  }

  async function ask(socket: TLSSocket, lines: string): Promise<string> {
    socket.write(`${lines}\r\nconnection: close\r\n\r\n`);
    return await text(socket);
  }

  test("the AWS SDK puts, gets and uploads in parts, and is told of https", async () => {
    const { endpoint } = subject.gateway;
    expect(endpoint).toBe(`https://127.0.0.1:${subject.gateway.port}`);
    const httpsAgent = new Agent({ ca: first.certificate, keepAlive: true });
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, requestHandler: { httpsAgent }, maxAttempts: 1 }); // prettier-ignore
    const at = { Bucket: "photos", Key: "a/b" };
    const body = Buffer.alloc(6_000_000, "0123456789");
    await s3.send(new PutObjectCommand({ ...at, Body: body }));
    const { Body } = await s3.send(new GetObjectCommand(at));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
    const { ETag } = await s3.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: body }),
    );
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    const done = await s3.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }),
    );
    expect(done.Location).toBe(`${endpoint}/photos/a/b`);
    s3.destroy();
    httpsAgent.destroy();
  });

  test("an identity that is renewed is that of the next connection, and one that cannot be used changes nothing", async () => {
    const before = await handshake(first);
    subject.gateway.renewTls(second);
    await expect(handshake(first)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await handshake(second);
    expect(() => subject.gateway.renewTls({ ...first, key: second.key })).toThrow("the key is not");
    expect(() => subject.gateway.renewTls(none)).toThrow("PEM");
    await handshake(second);
    const answer = await ask(before, "GET / HTTP/1.1\r\nhost: localhost");
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("bytes that are no request are answered within TLS, and bytes that are no TLS are not", async () => {
    const secure = await handshake(first);
    expect(await ask(secure, "no request")).toMatch(/^HTTP\/1\.1 400 [^]*InvalidRequest/);
    const plain = connectPlain(subject.gateway.port, "127.0.0.1");
    plain.on("error", () => {});
    plain.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    const said = await text(plain).catch(() => "");
    expect(said).not.toContain("HTTP");
    expect(await ask(await handshake(first), "GET / HTTP/1.1\r\nhost: a")).toContain(
      "HTTP/1.1 403",
    );
  });

  /** How a client of OpenSSL shakes hands, or does not. */
  async function shakeHands(...options: readonly string[]): Promise<void> {
    const to = ["s_client", "-connect", `127.0.0.1:${subject.gateway.port}`];
    const client = spawn("openssl", [...to, ...options], { stdio: ["pipe", "ignore", "ignore"] });
    client.stdin.end();
    await once(client, "exit");
  }

  /** Connects, and waits for whatever the server does about one who says nothing. */
  async function saySilence(): Promise<void> {
    const socket = connectPlain(subject.gateway.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "close");
  }

  async function sayPlainly(bytes: string): Promise<void> {
    const socket = connectPlain(subject.gateway.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(bytes);
    await text(socket).catch(() => "");
  }

  test.each<[reason: string, attempt: () => Promise<void>]>([
    ["not_tls", () => sayPlainly("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")],
    ["not_tls", () => sayPlainly("SSH-2.0-OpenSSH_9.2\r\n")],
    ["left", () => sayPlainly("")],
    ["no_shared_version", () => shakeHands("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")],
    ["no_shared_algorithm", () => shakeHands("-tls1_2", "-cipher", "AES128-GCM-SHA256")],
    ["certificate_refused", () => shakeHands("-verify_return_error")],
    ["timeout", saySilence],
  ])("a handshake that fails is counted as %s", async (reason, attempt) => {
    await handshake(first);
    await attempt();
    const counted = (): readonly string[] =>
      metrics.text().match(/^holdfast_tls_handshake_failures_total.* [1-9]\d*$/gm) ?? [];
    const line = `holdfast_tls_handshake_failures_total{listener="s3",reason="${reason}"} 1`;
    await expect.poll(counted).toEqual([line]);
  });

  test("a connection too many is told so within TLS", async () => {
    await subject.close();
    subject = await startSubject("aws", { tls: first, limits: { connectionsMax: 1 } });
    const only = await handshake(first);
    const asked = "GET / HTTP/1.1\r\nhost: localhost";
    expect(await ask(await handshake(first), asked)).toMatch(/^HTTP\/1\.1 503 /);
    expect(await ask(only, asked)).toMatch(/^HTTP\/1\.1 403 /);
  });
});
