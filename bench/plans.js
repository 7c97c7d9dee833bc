/** For the record: a few minutes. */
export const full = {
  tokens: 10_000,
  inProcess: { rounds: 3, samples: 20, sampleMs: 3, warmUpMs: 60 },
  http: { algorithms: ["HS256", "RS256"], rounds: 3, pairs: 12, requests: 200, warmUp: 1_500 },
  logins: { rounds: 5, seconds: 3 },
  loading: { samples: 15 },
};

/** Runs everything once, to see that it works. Its figures mean little. */
export const smoke = {
  tokens: 10_000,
  inProcess: { rounds: 1, samples: 3, sampleMs: 1, warmUpMs: 2 },
  http: { algorithms: ["HS256"], rounds: 1, pairs: 2, requests: 100, warmUp: 200 },
  logins: { rounds: 1, seconds: 1 },
  loading: { samples: 1 },
};
