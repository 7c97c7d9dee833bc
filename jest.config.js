export default {
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      },
    ],
  },
  moduleNameMapper: { "^express-jwt-strategy$": "<rootDir>/lib/index.ts" },
  // Jest would leave one core idle: half of a small machine.
  maxWorkers: "100%",
  // What must happen is waited for, not timed: a busy machine fails no test.
  testTimeout: 60_000,
  collectCoverageFrom: ["lib/**/*.ts"],
  // The babel provider miscounts what swc compiled.
  coverageProvider: "v8",
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
