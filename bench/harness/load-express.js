import { createRequire } from "node:module";

// An app has loaded Express before it loads anything that authenticates. This loads the copy that
// our package, being linked, uses; whoever imports this file does not charge it to the package.
createRequire(import.meta.resolve("express-jwt-strategy"))("express");
