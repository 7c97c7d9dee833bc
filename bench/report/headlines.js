import { megabytes, times } from "./format.js";
import { nodeMajor } from "./targets.js";

/** What the project's README says of speed: a row for each ratio, a column for each Node version. */
export function headlines(results) {
  return {
    columns: ["", ...results.map((result) => `Node.js ${nodeMajor(result)}`)],
    rows: ROWS.map(([name, figure]) => [name, ...results.map(figure)]),
  };
}

const ROWS = [
  ["Known token: fast-jwt with its cache ÷ ours", ratio("hot", "fast-jwt", "ours")],
  [
    "Known token: express-oauth2-jwt-bearer ÷ ours",
    ratio("hot", "express-oauth2-jwt-bearer", "ours"),
  ],
  ["Known token: passport-jwt with a string ÷ ours", ratio("hot", "passport-jwt", "ours")],
  ["Known token: express-jwt with a string ÷ ours", ratio("hot", "express-jwt", "ours")],
  ["New token: ours ÷ jsonwebtoken by hand with a KeyObject", ratio("new", "ours", "jsonwebtoken")],
  [
    "Bad signature: ours ÷ passport-jwt with a KeyObject",
    ratio("badSignature", "ours", "passport-jwt-key-object"),
  ],
  ["Over HTTP, known token: ours ÷ no authentication", overHttp("ours")],
  [
    "Over HTTP, known token: express-jwt with a string ÷ no authentication",
    overHttp("express-jwt"),
  ],
  [
    "Memory for 10,000 known RS256 tokens",
    ({ memory }) => megabytes(memory.contenders.ours.remembered.median),
  ],
];

function ratio(testCase, dividend, divisor) {
  return ({ inProcess }) => {
    const figures = inProcess.HS256.cases[testCase];
    return times(figures[dividend].median / figures[divisor].median);
  };
}

function overHttp(id) {
  return ({ http }) => times(http.HS256[id].ratio.median);
}
