// Fails if the package cannot be released yet, and prints what to do. RELEASING.md explains the fields.
import { readFileSync } from "node:fs";

const { name, version, repository, bugs } = JSON.parse(readFileSync("package.json", "utf8"));
const changelog = readFileSync("CHANGELOG.md", "utf8");
const { GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_REPOSITORY } = process.env;

const problems = [];
const must = (isFulfilled, instruction) => isFulfilled || problems.push(instruction);

const [, slug] =
  /^git\+https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\.git$/.exec(repository?.url) ?? [];
must(
  slug,
  `package.json has no repository on GitHub, which provenance requires:\n` +
    `  npm pkg set repository.type=git repository.url=git+https://github.com/OWNER/${name}.git`,
);
must(
  slug && bugs?.url === `https://github.com/${slug}/issues`,
  `package.json does not name the issues of that repository:\n` +
    `  npm pkg set bugs.url=https://github.com/${slug ?? `OWNER/${name}`}/issues`,
);
must(
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(bugs?.email ?? ""),
  `package.json has no address for security reports, which SECURITY.md refers to:\n` +
    `  npm pkg set bugs.email=ADDRESS`,
);
must(
  version.includes("-") || changelog.includes(`\n## [${version}] - 20`),
  `CHANGELOG.md has no section for this version: rename "Unreleased" to\n` +
    `  ## [${version}] - YYYY-MM-DD`,
);
if (GITHUB_REF_TYPE === "tag") {
  must(
    GITHUB_REF_NAME === `v${version}`,
    `The tag ${GITHUB_REF_NAME} is not the version of package.json: tag v${version}, or change the version`,
  );
  must(
    !slug || GITHUB_REPOSITORY === slug,
    `The workflow runs in ${GITHUB_REPOSITORY}, but package.json names ${slug}`,
  );
}

if (problems.length > 0) {
  console.error(`${name} ${version} cannot be released:\n\n${problems.join("\n\n")}\n`);
  process.exitCode = 1;
}
