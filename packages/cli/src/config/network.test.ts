import { isNetwork as isNetworkOfGateway } from "@holdfast/gateway";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isNetwork } from "./network.ts";

test("a network is what the gateway takes for one", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("proxy"));
  const bits = fc.oneof(fc.constant(""), fc.nat(140).map(String), fc.constant("x"));
  const text = fc.oneof(
    address,
    fc.tuple(address, bits).map((parts) => parts.join("/")),
    fc.constant("10.0.0.0/8/8"),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(isNetwork(one)).toBe(isNetworkOfGateway(one));
    }),
  );
});
