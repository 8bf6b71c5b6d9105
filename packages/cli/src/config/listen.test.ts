import * as fc from "fast-check";
import { expect, test } from "vitest";
import { endpointOf, formatListen, isLoopback, parseListen } from "./listen.ts";

const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constant("localhost"));

test("what is formatted parses to the same address", () => {
  const listen = fc.record({ host, port: fc.nat(65_535) });
  fc.assert(
    fc.property(listen, (given) => {
      expect(parseListen(formatListen(given))).toEqual(given);
    }),
  );
});

test.each([
  "",
  ":",
  ":9000",
  "9000",
  "localhost",
  "localhost:",
  "localhost:65536",
  "localhost:-1",
  "localhost:9000x",
  "localhost: 9000",
  "::1:9000",
  "[::1]",
  "[127.0.0.1]:9000",
  "[::1:9000",
  "http://localhost:9000",
  "a b:9000",
  "ü:9000",
  `${"a".repeat(254)}:1`,
])("%j is no address to listen on", (text) => {
  expect(parseListen(text)).toBeUndefined();
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["127.0.0.1.example.com", false],
  ["10.0.0.1", false],
])("%s is loopback: %s", (name, loopback) => {
  expect(isLoopback(name)).toBe(loopback);
});

test("a server on every address is reached over loopback", () => {
  expect(endpointOf({ host: "0.0.0.0", port: 9 }, false)).toBe("http://127.0.0.1:9");
  expect(endpointOf({ host: "::", port: 9 }, false)).toBe("http://[::1]:9");
  expect(endpointOf({ host: "10.0.0.1", port: 9 }, true)).toBe("https://10.0.0.1:9");
});
