import type { Received, Sent } from "./login-ways.ts";

/** The payload formats in which API Gateway passes a request to a function in AWS Lambda. */
export const PAYLOAD_FORMATS = ["1.0", "2.0"] as const;

type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];

/** A handler that serverless-http or serverless-express creates from an Express app. */
export type LambdaHandler = (event: object, context: object) => Promise<LambdaResponse>;

interface LambdaResponse {
  readonly statusCode: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
}

/** Sends a POST request to /login like API Gateway. Format 1.0 has no Content-Length. */
export async function invoke(
  handler: LambdaHandler,
  format: PayloadFormat,
  isBase64Encoded: boolean,
  { headers, bytes }: Sent,
): Promise<Received> {
  const body = bytes.toString(isBase64Encoded ? "base64" : "utf8");
  const response = await handler(
    { ...requestOf(format, headers, bytes), body, isBase64Encoded },
    {},
  );
  const header = (name: string): string | undefined =>
    response.multiValueHeaders?.[name]?.[0] ?? response.headers?.[name];
  return {
    status: response.statusCode,
    challenge: header("www-authenticate"),
    caching: header("cache-control"),
    body: response.body,
  };
}

function requestOf(version: PayloadFormat, headers: Sent["headers"], bytes: Buffer): object {
  const sourceIp = "192.0.2.1";
  return version === "1.0"
    ? {
        version,
        httpMethod: "POST",
        path: "/login",
        headers,
        multiValueHeaders: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, [value]]),
        ),
        requestContext: { identity: { sourceIp } },
      }
    : {
        version,
        rawPath: "/login",
        rawQueryString: "",
        headers: { ...headers, "content-length": String(bytes.length) },
        requestContext: { http: { method: "POST", path: "/login", sourceIp } },
      };
}
