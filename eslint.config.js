// ESLint 10 reads this file only: it hands .eslintrc.json over and decides nothing itself.
import { readFileSync } from "node:fs";
import { FlatCompat } from "@eslint/eslintrc";
import js from "@eslint/js";

const compat = new FlatCompat({
  baseDirectory: import.meta.dirname,
  recommendedConfig: js.configs.recommended,
});
const eslintrc = JSON.parse(readFileSync(new URL(".eslintrc.json", import.meta.url), "utf8"));

export default [
  { ignores: ["dist/", "coverage/", "docs/api/"] },
  // Without a pattern of their own, TypeScript files would be skipped in silence.
  { files: ["**/*.ts"] },
  ...compat.config(eslintrc),
];
