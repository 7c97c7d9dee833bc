import type { TransportResponse } from "../http/response.ts";
import type { AuthError } from "../errors/auth-errors.ts";
import type { RefusalTerms } from "../http/refusal.ts";
import type {
  OpenApiHeader,
  OpenApiMediaType,
  OpenApiResponse,
  OpenApiSchema,
} from "./document.ts";
import type { NamedRefusal } from "./refusals.ts";
import { refTo } from "./schemas.ts";

type Examples = NonNullable<OpenApiMediaType["examples"]>;

/** Describes answers such as this one. */
export function describeAnswer(
  description: string,
  { headers = {}, body }: TransportResponse,
  schema: OpenApiSchema,
): OpenApiResponse {
  const described = Object.entries(headers).map(([name, value]) => {
    const [example] = [value].flat();
    return [name, describeHeader({ answer: { value: example } })] as const;
  });
  return {
    description,
    headers: { ...Object.fromEntries(described), "Cache-Control": describeNoStore() },
    ...(body !== undefined && describeBody(schema, { answer: { value: body } })),
  };
}

/** Describes refusals, by status. Where the app answers them itself, their bodies are its own. */
export function describeRefusals(
  refusals: readonly NamedRefusal[],
  terms: RefusalTerms,
): Record<string, OpenApiResponse> {
  const statuses = [...new Set(refusals.map(([, { status }]) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = refusals.filter(([, error]) => error.status === status);
      return [status, describeStatus(ofStatus, terms)];
    }),
  );
}

function describeStatus(
  refusals: readonly NamedRefusal[],
  { realm, onAuthError }: RefusalTerms,
): OpenApiResponse {
  const challenged = refusals.filter(([, error]) => error.challenge(realm) !== undefined);
  const sentences = new Set(refusals.map(([, { message }]) => `${message}.`));
  return {
    description: [...sentences].join(" "),
    headers: {
      ...(challenged.length > 0 && {
        "WWW-Authenticate": describeHeader(
          getExamples(challenged, (error) => error.challenge(realm)),
          challenged.length === refusals.length,
        ),
      }),
      "Cache-Control": describeNoStore(),
    },
    ...(onAuthError === undefined &&
      describeBody(
        refTo("AuthErrorBody"),
        getExamples(refusals, (error) => error.toJSON()),
      )),
  };
}

function getExamples(
  refusals: readonly NamedRefusal[],
  valueOf: (error: AuthError) => unknown,
): Examples {
  return Object.fromEntries(
    refusals.map(([name, error]) => [name, { summary: error.message, value: valueOf(error) }]),
  );
}

function describeBody(schema: OpenApiSchema, examples: Examples): Pick<OpenApiResponse, "content"> {
  return { content: { "application/json": { schema, examples } } };
}

function describeHeader(examples: Examples, required = true): OpenApiHeader {
  return { required, schema: { type: "string" }, examples };
}

function describeNoStore(): OpenApiHeader {
  return { required: true, schema: { type: "string", enum: ["no-store"] } };
}
