import type { AuthError } from "../errors/auth-errors.ts";
import type { ChallengeFormat } from "../errors/challenge.ts";
import type { TransportResponse } from "../http/response.ts";
import type { Header, MediaType, Response, Schema } from "./document.ts";
import type { NamedRefusal } from "./refusals.ts";
import { refTo } from "./schemas.ts";

/** The settings that decide what the response to a refused request looks like. */
export interface ErrorResponseConfig {
  readonly realm: string;
  /** The challenge of the transport, if it defines one. */
  readonly challenge?: ChallengeFormat | undefined;
  /** Whether the app's `onAuthError` writes the bodies of refusals. */
  readonly hasOnAuthError: boolean;
}

type Examples = NonNullable<MediaType["examples"]>;

/** Describes successful responses by one of them. */
export function describeResponse(
  description: string,
  { headers = {}, body }: TransportResponse,
  schema: Schema,
): Response {
  const described = Object.entries(headers).map(([name, value]) => {
    const [example] = [value].flat();
    return [name, describeHeader({ response: { value: example } })] as const;
  });
  return {
    description,
    headers: { ...Object.fromEntries(described), "Cache-Control": describeNoStore() },
    ...(body !== undefined && describeBody(schema, { response: { value: body } })),
  };
}

/** Describes refusals, by status. */
export function describeRefusals(
  refusals: readonly NamedRefusal[],
  config: ErrorResponseConfig,
): Record<string, Response> {
  const statuses = [...new Set(refusals.map(([, { status }]) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = refusals.filter(([, error]) => error.status === status);
      return [status, describeStatus(ofStatus, config)];
    }),
  );
}

function describeStatus(
  refusals: readonly NamedRefusal[],
  { realm, challenge, hasOnAuthError }: ErrorResponseConfig,
): Response {
  const challenged = refusals.filter(
    ([, error]) => error.challenge(realm, challenge) !== undefined,
  );
  const sentences = new Set(refusals.map(([, { message }]) => `${message}.`));
  return {
    description: [...sentences].join(" "),
    headers: {
      ...(challenged.length > 0 && {
        "WWW-Authenticate": describeHeader(
          getExamples(challenged, (error) => error.challenge(realm, challenge)),
          challenged.length === refusals.length,
        ),
      }),
      "Cache-Control": describeNoStore(),
    },
    ...(!hasOnAuthError &&
      describeBody(
        refTo("AuthErrorBody"),
        getExamples(refusals, (error) => error.toJSON()),
      )),
  };
}

function getExamples(
  refusals: readonly NamedRefusal[],
  getValue: (error: AuthError) => unknown,
): Examples {
  return Object.fromEntries(
    refusals.map(([name, error]) => [name, { summary: error.message, value: getValue(error) }]),
  );
}

function describeBody(schema: Schema, examples: Examples): Pick<Response, "content"> {
  return { content: { "application/json": { schema, examples } } };
}

/** Describes a header by examples of its value. */
export function describeHeader(examples: Examples, required = true): Header {
  return { required, schema: { type: "string" }, examples };
}

function describeNoStore(): Header {
  return { required: true, schema: { type: "string", enum: ["no-store"] } };
}
