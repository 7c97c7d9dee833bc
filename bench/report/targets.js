// What the package promises of its speed, as figures that a result either reaches or does not.
import { expressPeers } from "../contenders/index.js";
import { refusals } from "../fixtures/cases.js";
import { megabytes, times } from "./format.js";

/** Rows: what is promised, the bound, the figure, and whether it holds. */
export function judgeTargets(result) {
  return [
    ...Object.entries(result.inProcess).flatMap(([algorithm, { cases }]) =>
      judgeAlgorithm(algorithm, cases, nodeMajor(result)),
    ),
    ...Object.entries(result.http).map(([algorithm, { ours }]) =>
      atMost(
        `${algorithm}, hot token over HTTP ÷ a route without authentication`,
        ours.ratio.median,
        1.1,
      ),
    ),
    ...judgeMemory(result.memory),
    judgeLogin(result.login),
  ];
}

export function nodeMajor({ environment }) {
  return Number.parseInt(environment.node.slice(1), 10);
}

function judgeAlgorithm(algorithm, cases, major) {
  const cost = (testCase, id) => cases[testCase][id]?.median;
  return [
    ...(algorithm === "ES256" ? [] : judgeHot(algorithm, cost, major)),
    ...judgeNew(algorithm, cost),
    ...judgeRefusals(algorithm, cost),
  ];
}

function judgeHot(algorithm, cost, major) {
  const ours = cost("hot", "ours");
  const againstPeer = (name, id, least) =>
    atLeast(`${algorithm}, hot token: ${name} ÷ ours`, cost("hot", id) / ours, least);
  const rows = [againstPeer("fast-jwt with its cache", "fast-jwt", 2)];
  // Newer versions are quicker to find that a string is no PEM: no promise there.
  if (algorithm === "HS256" && major === 20) {
    rows.push(againstPeer("express-jwt with a string", "express-jwt", 100));
    rows.push(againstPeer("passport-jwt with a string", "passport-jwt", 100));
  }
  const limit = ours / cost("hot", "limit-map");
  rows.push(atMost(`${algorithm}, hot token ÷ a bare Map keyed by the digest`, limit, 2));
  // "The same order": a bare Map of 10,000 entries does not fit the nearest cache, either.
  const rotating = cost("rotating", "ours") / ours;
  rows.push(atMost(`${algorithm}, 10,000 rotating tokens ÷ one hot token`, rotating, 3));
  return rows;
}

const MOST_FOR_A_NEW_TOKEN = { HS256: 1.6, RS256: 1.15, ES256: 1.1 };

function judgeNew(algorithm, cost) {
  const ours = cost("new", "ours");
  const peer = cheapestPeer("new", cost);
  return [
    atMost(
      `${algorithm}, new token ÷ jsonwebtoken with a KeyObject`,
      ours / cost("new", "jsonwebtoken"),
      MOST_FOR_A_NEW_TOKEN[algorithm],
    ),
    below(`${algorithm}, new token ÷ the cheapest Express peer`, ours / peer.cost, 1, peer.name),
  ];
}

function judgeRefusals(algorithm, cost) {
  return [
    ...refusals.map(({ id, title }) => {
      const peer = cheapestPeer(id, cost);
      const name = `${algorithm}, ${title} ÷ the cheapest Express peer`;
      return below(name, cost(id, "ours") / peer.cost, 1, peer.name);
    }),
    ...["malformed", "oversized"].map((id) =>
      below(
        `${algorithm}, ${id} ÷ a bad signature`,
        cost(id, "ours") / cost("badSignature", "ours"),
        0.2,
      ),
    ),
  ];
}

function cheapestPeer(testCase, cost) {
  return expressPeers
    .map(({ id, name }) => ({ name, cost: cost(testCase, id) }))
    .filter((peer) => peer.cost !== undefined)
    .reduce((a, b) => (a.cost < b.cost ? a : b));
}

function judgeMemory({ rememberedTokens, floodTokens, contenders: { ours } }) {
  const count = (number) => number.toLocaleString("en");
  return [
    below(
      `${count(rememberedTokens)} remembered RS256 tokens`,
      ours.remembered.median,
      5e6,
      undefined,
      megabytes,
    ),
    // "Flat": less than a collection leaves behind by chance, and nothing to what 500,000 entries would take.
    below(
      `Growth under a flood of ${count(floodTokens)} tokens, half of them forged`,
      ours.flood.growth,
      1e6,
      undefined,
      megabytes,
    ),
  ];
}

function judgeLogin(login) {
  const p99 = (keyName) => login[keyName].ours.p99.median;
  return atMost(
    "RS256 4096 logins ÷ HS256 logins: a bystander's 99th percentile",
    p99("RS256 4096") / p99("HS256"),
    2,
  );
}

function atMost(name, value, bound) {
  return row(name, `≤ ${times(bound)}`, times(value), value <= bound);
}

function atLeast(name, value, bound) {
  return row(name, `≥ ${times(bound)}`, times(value), value >= bound);
}

function below(name, value, bound, rival, format = times) {
  const figure = rival === undefined ? format(value) : `${format(value)} (${rival})`;
  return row(name, `< ${format(bound)}`, figure, value < bound);
}

function row(name, target, figure, holds) {
  return { name, target, figure, holds };
}
