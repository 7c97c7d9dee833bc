import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const script = join(import.meta.dirname, "../../scripts/check-release.js");
const folder = mkdtempSync(join(tmpdir(), "check-release-"));
after(() => rmSync(folder, { recursive: true }));

const READY = {
  name: "some-package",
  version: "1.2.3",
  repository: { type: "git", url: "git+https://github.com/some-owner/some-package.git" },
  bugs: {
    url: "https://github.com/some-owner/some-package/issues",
    email: "security@host.example",
  },
};
const CHANGELOG = "# Changelog\n\n## [1.2.3] - 2026-01-31\n";

function check(changes = {}, { changelog = CHANGELOG, env = {} } = {}) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...READY, ...changes }));
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  const { status, stderr } = spawnSync(process.execPath, [script], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stderr };
}
const tagged = (tag, repository = "some-owner/some-package") => ({
  env: { GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: tag, GITHUB_REPOSITORY: repository },
});

test("A package without placeholders can be released", () => {
  assert.deepEqual(check(), { status: 0, stderr: "" });
  assert.deepEqual(check({}, tagged("v1.2.3")), { status: 0, stderr: "" });
});

test("A release candidate does not require a section in the changelog", () => {
  assert.equal(check({ version: "1.2.3-rc.0" }).status, 0);
});

for (const [title, instruction, changes, context] of [
  ["without a repository", "repository.url=git+https", { repository: undefined }],
  [
    "of a repository elsewhere",
    "repository.url=git+https",
    { repository: { url: "git+https://host.example/a/b.git" } },
  ],
  [
    "without issues",
    "bugs.url=https://github.com/some-owner/some-package/issues",
    { bugs: { email: "a@host.example" } },
  ],
  [
    "with the issues of another repository",
    "bugs.url=https://github.com/some-owner",
    { bugs: { ...READY.bugs, url: "https://github.com/other/some-package/issues" } },
  ],
  ["without an address", "bugs.email=ADDRESS", { bugs: { url: READY.bugs.url } }],
  [
    "with ADDRESS as the address",
    "bugs.email=ADDRESS",
    { bugs: { ...READY.bugs, email: "ADDRESS" } },
  ],
  [
    "without a section in the changelog",
    "## [1.2.3] - YYYY-MM-DD",
    {},
    { changelog: "# Changelog\n\n## [Unreleased]\n" },
  ],
  [
    "with an undated section in the changelog",
    "## [1.2.3] - YYYY-MM-DD",
    {},
    { changelog: "# Changelog\n\n## [1.2.3]\n" },
  ],
  ["under the tag of another version", "tag v1.2.3", {}, tagged("v1.2.4")],
  [
    "from another repository",
    "package.json names some-owner/some-package",
    {},
    tagged("v1.2.3", "other/fork"),
  ],
]) {
  test(`A package ${title} cannot be released`, () => {
    const { status, stderr } = check(changes, context);
    assert.equal(status, 1);
    assert.ok(stderr.includes(instruction), stderr);
  });
}
