/** What the tests on both versions of Express have in common. */
const project = {
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
  globals: { EXPRESS: "5" },
};

export default {
  projects: [
    {
      ...project,
      displayName: "express5",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/tests/security/"],
    },
    {
      ...project,
      displayName: "express4",
      // The tests that mount handlers; all others do not depend on Express.
      testMatch: ["<rootDir>/tests/{behaviour,unit/guards,unit/http,unit/transports}/**/*.test.ts"],
      moduleNameMapper: {
        ...project.moduleNameMapper,
        "^express(/package\\.json)?$": "express4$1",
      },
      globals: { EXPRESS: "4" },
    },
    {
      ...project,
      displayName: "security",
      testMatch: ["<rootDir>/tests/security/**/*.test.ts"],
    },
  ],
  // The tests wait for events and not for a time; a slow machine must not fail them.
  testTimeout: 60_000,
  collectCoverageFrom: ["lib/**/*.ts"],
  // The babel provider miscounts code that swc has compiled.
  coverageProvider: "v8",
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
