/** The checked-in icons are the package's, so that an upgrade of the package is noticed. */
import { expect, it } from "vitest";
import kept from "../../../../src/onex/common/icons.json";
import { drawn } from "./icons.mjs";

it("every icon in icons.json is drawn as the package draws it", () => {
  expect(kept).toEqual(drawn(Object.keys(kept)));
});
