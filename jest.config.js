export default {
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  transform: {
    // These are published as ESM alone, and Jest runs CommonJS.
    "(\\.ts|/node_modules/(jose|@seriousme/openapi-schema-validator)/.+\\.js)$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      },
    ],
  },
  transformIgnorePatterns: ["/node_modules/(?!jose/|@seriousme/openapi-schema-validator/)"],
  moduleNameMapper: {
    "^express-jwt-strategy$": "<rootDir>/lib/index.ts",
    "^express-jwt-strategy/remote-jwks$": "<rootDir>/lib/remote-jwks.ts",
  },
  // Jest would leave one core idle: half of a small machine.
  maxWorkers: "100%",
  // What must happen is waited for, not timed: a busy machine fails no test.
  testTimeout: 60_000,
  collectCoverageFrom: ["lib/**/*.ts"],
  // The babel provider miscounts what swc compiled.
  coverageProvider: "v8",
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
