/** The parts of a token, decoded leniently. */
export interface TokenParts {
  readonly token: string;
  readonly segments: readonly string[];
  readonly headerBytes: Buffer;
  readonly payloadBytes: Buffer;
  readonly signatureBytes: Buffer;
  /** The members of the header; none if it is not a JSON object. */
  readonly header: Readonly<Record<string, unknown>>;
  /** `undefined` if it is not JSON. */
  readonly payload: unknown;
  /** The members of the payload; none if it is not a JSON object. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export function readTokenParts(token: string): TokenParts {
  const segments = token.split(".");
  const [headerBytes, payloadBytes, signatureBytes] = [0, 1, 2].map((index) =>
    Buffer.from(segments[index] ?? "", "base64url"),
  ) as [Buffer, Buffer, Buffer];
  const payload = parse(payloadBytes);
  return {
    token,
    segments,
    headerBytes,
    payloadBytes,
    signatureBytes,
    header: toMembers(parse(headerBytes)),
    payload,
    claims: toMembers(payload),
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString().replace(/^\ufeff/, "")) as unknown;
  } catch {
    return undefined;
  }
}

function toMembers(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}
