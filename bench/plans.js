// How long each part is measured. Quick: well under a minute, to see whether a change helps. Full:
// for the record, at most 20 minutes.

// Those that decide a target. Without a cache or a parsed key, a peer is never the cheapest.
const DECISIVE = ["ours", "jsonwebtoken", "passport-jwt-key-object", "express-oauth2-jwt-bearer"];
const WITH_CACHES = [...DECISIVE, "fast-jwt", "limit-map"];

export const quick = {
  algorithms: ["HS256", "RS256", "ES256"],
  inProcess: {
    rounds: 1,
    samples: 9,
    sampleMs: 3,
    warmUpMs: 20,
    contenders: {
      HS256: [...WITH_CACHES, "express-jwt", "passport-jwt"],
      RS256: WITH_CACHES,
      ES256: DECISIVE,
    },
  },
  http: {
    algorithms: ["HS256"],
    rounds: 2,
    pairs: 8,
    requests: 200,
    warmUp: 1_000,
    contenders: ["ours", "fast-jwt", "none"],
  },
  login: {
    keys: ["HS256", "RS256 4096"],
    rounds: 1,
    seconds: 2,
    loginsPerSecond: 100,
    contenders: ["ours"],
  },
  memory: { rounds: 1, floodTokens: 100_000, contenders: ["ours"] },
  strategies: { count: 1_000, contenders: ["ours"] },
};

export const full = {
  algorithms: ["HS256", "RS256", "ES256"],
  inProcess: { rounds: 3, samples: 20, sampleMs: 3, warmUpMs: 60 },
  http: {
    algorithms: ["HS256", "RS256"],
    rounds: 4,
    pairs: 20,
    requests: 200,
    warmUp: 2_000,
  },
  login: {
    keys: ["HS256", "RS256 2048", "RS256 4096"],
    rounds: 3,
    seconds: 3,
    loginsPerSecond: 100,
  },
  memory: { rounds: 1, floodTokens: 1_000_000 },
  strategies: { count: 1_000, contenders: ["ours", "express-jwt-key-object", "fast-jwt"] },
};

export const ROTATING_TOKENS = 10_000;
