import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the tests have in common on both versions of Express. */
const project = {
  roots: ["<rootDir>/tests"],
  transform: {
    // These are published as ESM alone, and Jest runs CommonJS.
    "(\\.ts|/node_modules/(jose|arktype|arkregex|@ark/[^/]+|@seriousme/openapi-schema-validator)/.+\\.js)$":
      [
        "@swc/jest",
        {
          jsc: { parser: { syntax: "typescript" }, target: "es2022" },
          module: { type: "commonjs" },
        },
      ],
  },
  transformIgnorePatterns: [
    "/node_modules/(?!jose/|arktype/|arkregex/|@ark/|@seriousme/openapi-schema-validator/)",
  ],
  moduleNameMapper: {
    "^express-jwt-strategy$": "<rootDir>/lib/index.ts",
    "^express-jwt-strategy/remote-jwks$": "<rootDir>/lib/remote-jwks.ts",
    "^express-jwt-strategy/openapi$": "<rootDir>/lib/openapi.ts",
  },
};

const tests = join(import.meta.dirname, "tests");
/** The tests that import Express themselves. What a browser does with a response does not depend on it. */
const testsOnExpress = readdirSync(tests, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && !file.endsWith("browser.test.ts"))
  .filter((file) => /^import express/m.test(readFileSync(join(tests, file), "utf8")))
  .map((file) => `<rootDir>/tests/${file}`);

export default {
  projects: [
    {
      ...project,
      displayName: "express5",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      globals: { EXPRESS: "5" },
    },
    {
      ...project,
      displayName: "express4",
      testMatch: testsOnExpress,
      // In lib as well as in the tests.
      moduleNameMapper: {
        ...project.moduleNameMapper,
        "^express(/package\\.json)?$": "express4$1",
      },
      globals: { EXPRESS: "4" },
    },
  ],
  globalSetup: "<rootDir>/tests/support/generate-rsa-keys.ts",
  // The tests wait for events, not for a time: a slow machine fails none.
  testTimeout: 60_000,
  collectCoverageFrom: ["lib/**/*.ts"],
  // The babel provider miscounts code that swc has compiled.
  coverageProvider: "v8",
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
