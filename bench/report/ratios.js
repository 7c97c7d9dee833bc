// Ratios of one run: the time of express-jwt-strategy ÷ the time of the other.
import { expressPeers } from "../contenders/middleware.js";
import { cases } from "../fixtures/cases.js";
import { mapValues, round } from "../harness/statistics.js";

const OURS = "express-jwt-strategy";

export function computeRatios({ inProcess, http, bystanderP99, loading }) {
  /** For each algorithm, ÷ the cheapest of the given peers. */
  const divideBy = (caseId, ...peers) =>
    mapValues(inProcess, ({ [caseId]: byName }) =>
      round(byName[OURS].median / Math.min(...peers.map((peer) => byName[peer].median))),
    );
  const expressRows = cases.map(({ id, title }) => [
    `${title} ÷ the cheapest Express peer`,
    divideBy(id, ...expressPeers),
  ]);

  return {
    "Known token ÷ a Map keyed by the same digest": divideBy("known", "Map keyed by digest"),
    "New token ÷ jsonwebtoken with a KeyObject": divideBy("new", "jsonwebtoken, KeyObject"),
    "New token ÷ fast-jwt without a cache": divideBy("new", "fast-jwt, no cache"),
    ...Object.fromEntries(expressRows),
    "Known token over HTTP ÷ no authentication": mapValues(http, (byName) => byName[OURS].median),
    "Bystander's p99: logins with RS256, 4096 bits ÷ with HS256": mapValues(
      bystanderP99["RS256, 4096 bits"],
      ({ median }, name) => round(median / bystanderP99.HS256[name].median),
    ),
    "Loading, CPU ÷ jsonwebtoken": mapValues(loading, (byName) =>
      round(byName[OURS].median / byName.jsonwebtoken.median),
    ),
  };
}
