import { describe, expect, test } from "@jest/globals";
import { getOwnProperty } from "../../../lib/util/own-property.ts";

describe("own", () => {
  test("gives an object's own member", () => {
    expect(getOwnProperty({ alg: "HS256" }, "alg")).toBe("HS256");
    expect(getOwnProperty(JSON.parse('{"__proto__":1}') as object, "__proto__")).toBe(1);
  });

  test.each(["toString", "constructor", "__proto__", "alg"])(
    "gives nothing for %s, which stands on a prototype or nowhere",
    (name) => {
      expect(getOwnProperty({}, name)).toBeUndefined();
    },
  );

  test("gives nothing that is inherited", () => {
    expect(getOwnProperty(Object.create({ alg: "none" }) as object, "alg")).toBeUndefined();
  });
});
