import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, limitedNetwork, parseAddress } from "./address.ts";
import { isNetwork, TrustedProxies } from "./trusted-proxies.ts";

const proxies = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"]);

test.each<[string, TrustedProxies, string | undefined, string, string]>([
  ["nobody is trusted", new TrustedProxies([]), "10.1.1.1", "1.2.3.4", "10.1.1.1"],
  ["the peer is no proxy", proxies, "203.0.113.9", "1.2.3.4", "203.0.113.9"],
  ["the peer is a proxy", proxies, "10.1.1.1", "1.2.3.4", "1.2.3.4"],
  ["the client wrote hops of its own", proxies, "10.1.1.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"],
  ["the client claims to be a proxy", proxies, "10.1.1.1", "10.9.9.9, 1.2.3.4", "1.2.3.4"],
  ["two proxies stand in a row", proxies, "::ffff:10.1.1.1", "1.2.3.4,192.0.2.7", "1.2.3.4"],
  ["all hops are trusted", proxies, "10.1.1.1", "10.1.1.2, 10.1.1.3", "10.1.1.2"],
  ["a hop is no address", proxies, "10.1.1.1", "1.2.3.4, unknown", "10.1.1.1"],
  ["a trusted hop is behind one that is none", proxies, "10.1.1.1", "x, 10.1.1.2", "10.1.1.2"],
  ["a proxy adds the port", proxies, "10.1.1.1", "1.2.3.4:4711", "1.2.3.4"],
  ["a proxy adds brackets", proxies, "2001:db8:1::5", "[2001:DB8:2::1]:80", "2001:db8:2::1"],
  ["the header is empty", proxies, "10.1.1.1", "", "10.1.1.1"],
  ["the connection is gone", proxies, undefined, "1.2.3.4", ""],
])(
  "when %s, a request comes from where it can be vouched for",
  (_case, ...[trusted, peer, header, client]) => {
    expect(trusted.clientOf(peer, header)).toBe(client);
  },
);

test("whatever a client writes into the header, the hop that the proxy appended is the client", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.ipV4(), (written, real) => {
      fc.pre(!real.startsWith("10.") && real !== "192.0.2.7");
      expect(proxies.clientOf("10.0.0.1", `${written}, ${real}`)).toBe(real);
    }),
  );
});

test("an address has one form, and all forms of it are one address", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const parsed = parseAddress(text);
      if (parsed === undefined) throw new TypeError(text);
      const formatted = formatAddress(parsed);
      expect(parseAddress(formatted)).toEqual(parsed);
      expect(
        new URL(`http://${parsed.family === 6 ? `[${formatted}]` : formatted}/`).hostname,
      ).toBe(parsed.family === 6 ? `[${formatted}]` : formatted);
    }),
  );
});

test("a host of IPv6 is one network, however it changes its last 64 bits", () => {
  expect(limitedNetwork("2001:db8:1:2::1")).toBe(limitedNetwork("2001:db8:1:2:ffff::9"));
  expect(limitedNetwork("2001:db8:1:2::1")).not.toBe(limitedNetwork("2001:db8:1:3::1"));
  expect(limitedNetwork("192.0.2.1")).toBe("192.0.2.1");
});

test.each([
  ["10.0.0.0/8", true],
  ["10.0.0.1", true],
  ["::/0", true],
  ["2001:db8::/129", false],
  ["10.0.0.0/33", false],
  ["10.0.0.0/", false],
  ["10.0.0.0/8/8", false],
  ["proxy.example", false],
])("%s is a network: %s", (text, is) => {
  expect(isNetwork(text)).toBe(is);
  if (!is) expect(() => new TrustedProxies([text])).toThrow(RangeError);
});
