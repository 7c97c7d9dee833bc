import { expect, test } from "@jest/globals";
import expressPackage from "express/package.json" with { type: "json" };

/** The major version of Express that jest.config.js sets for this run. */
declare const EXPRESS: string;

test("the project express4 runs on Express 4, and every other project on Express 5", () => {
  expect(expressPackage.version.split(".", 1)).toEqual([EXPRESS]);
});
