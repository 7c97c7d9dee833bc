const BODY = JSON.stringify({ error: "invalid_token" });

/** The least that RFC 6750 asks of a refusal: status, challenge and, as an API answers, JSON. */
export function refuse(res) {
  res.statusCode = 401;
  res.setHeader("WWW-Authenticate", 'Bearer error="invalid_token"');
  res.setHeader("Content-Type", "application/json");
  res.end(BODY);
}
