import { expect } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type {
  JwtStrategy,
  OpenApiFragments,
  OpenApiOptions,
  OpenApiResponse,
  OpenApiSchema,
} from "express-jwt-strategy";
import type { Response } from "supertest";

export const PATHS = {
  loginPath: "/auth/login",
  logoutPath: "/auth/logout",
  refreshPath: "/auth/refresh",
} as const;

export type OpenApiDocument = OpenApiFragments & Record<"openapi" | "info", unknown>;

/** Every choice of paths, of all three down to none. */
export const PATH_CHOICES: readonly OpenApiOptions[] = Array.from({ length: 8 }, (_, choice) =>
  Object.fromEntries(Object.entries(PATHS).filter((_entry, index) => !(choice & (1 << index)))),
);

/** The document of an app that has nothing else to describe. */
export function documentOf(
  auth: Pick<JwtStrategy<never, never>, "openapi">,
  options: OpenApiOptions = PATHS,
): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: { title: "An app", version: "1.0.0" },
    ...auth.openapi(options),
  };
}

const official = new Validator();

/** Valid against the schema of the OpenAPI Initiative, with references that lead somewhere. */
export async function expectValidDocument(document: OpenApiDocument): Promise<void> {
  // It takes "$ref" out of what it is given.
  expect(await official.validate({ ...structuredClone(document) })).toEqual({ valid: true });
}

const ajv = new Ajv2020({ strict: true, formats: { password: true } });
const compiled = new Map<string, ValidateFunction>();

/** Makes the function that judges values by the JSON Schemas of a document (draft 2020-12, strict). */
export function schemaJudge(
  document: OpenApiDocument,
): (schema: OpenApiSchema, value: unknown) => ValidateFunction["errors"] {
  const { schemas } = document.components;
  return function judge(schema, value) {
    const text = JSON.stringify({ $defs: schemas, ...schema });
    const standalone = text.replaceAll("#/components/schemas/", "#/$defs/");
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(standalone) as object);
    compiled.set(text, validate);
    return validate(value) ? null : validate.errors;
  };
}

interface AnswerParts extends Pick<Response, "status" | "text"> {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * An answer is one of those that are described for its status, by its headers and its body. Returns the
 * name of the example that it is, to the letter; a success need not be one.
 */
export function expectDescribed(
  judge: ReturnType<typeof schemaJudge>,
  described: OpenApiResponse | undefined,
  { status, headers, text }: AnswerParts,
): string {
  expect([status, described]).toEqual([status, expect.anything()]);
  const { headers: describedHeaders = {}, content }: Partial<OpenApiResponse> = described ?? {};
  for (const [name, { required, schema }] of Object.entries(describedHeaders)) {
    const value = headers[name.toLowerCase()]; // of Set-Cookie a list
    if (required) expect([name, value]).toEqual([name, expect.anything()]);
    if (value !== undefined)
      expect([name, judge(schema, [value].flat().join())]).toEqual([name, null]);
  }
  const present = OF_THE_PACKAGE.filter((name) => name.toLowerCase() in headers);
  expect(Object.keys(describedHeaders)).toEqual(expect.arrayContaining(present));

  if (content === undefined) {
    expect(text).toBe("");
    return "";
  }
  expect(Object.keys(content)).toEqual([headers["content-type"]]);
  const { schema = {}, examples = {} } = content["application/json"] ?? {};
  expect(judge(schema, JSON.parse(text))).toBeNull();
  if (status < 400) return "";
  const name = Object.keys(examples).find((key) => JSON.stringify(examples[key]?.value) === text);
  expect([text, name]).toEqual([text, expect.any(String)]);
  const challenge = describedHeaders["WWW-Authenticate"]?.examples?.[String(name)]?.value;
  expect(headers["www-authenticate"]).toBe(challenge);
  return String(name);
}

const OF_THE_PACKAGE = ["Cache-Control", "Pragma", "Set-Cookie", "WWW-Authenticate"];
