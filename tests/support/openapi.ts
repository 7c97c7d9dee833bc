import { expect } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import {
  describeStrategy,
  type DescribeStrategyOptions,
  type OpenApi,
} from "express-jwt-strategy/openapi";
import type { Response } from "supertest";

export const PATHS = {
  loginPath: "/auth/login",
  logoutPath: "/auth/logout",
  refreshPath: "/auth/refresh",
} as const;

export type OpenApiDocument = OpenApi.Fragments & Record<"openapi" | "info", unknown>;

/** All combinations of the three paths. */
export const PATH_CHOICES: readonly DescribeStrategyOptions[] = Array.from(
  { length: 8 },
  (_, choice) =>
    Object.fromEntries(Object.entries(PATHS).filter((_entry, index) => !(choice & (1 << index)))),
);

/** The document of an app without other operations. */
export function documentOf(
  auth: Parameters<typeof describeStrategy>[0],
  options: DescribeStrategyOptions = PATHS,
): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: { title: "An app", version: "1.0.0" },
    ...describeStrategy(auth, options),
  };
}

const official = new Validator();

/** Expects a document that is valid under the schema of the OpenAPI Initiative and whose references resolve. */
export async function expectValidDocument(document: OpenApiDocument): Promise<void> {
  // The validator removes "$ref" from its argument.
  expect(await official.validate({ ...structuredClone(document) })).toEqual({ valid: true });
}

const ajv = new Ajv2020({ strict: true, formats: { password: true } });
const compiled = new Map<string, ValidateFunction>();

/** Returns a function that validates values against the JSON Schemas of a document (draft 2020-12, strict). */
export function createSchemaValidator(
  document: OpenApiDocument,
): (schema: OpenApi.Schema, value: unknown) => ValidateFunction["errors"] {
  const { schemas } = document.components;
  return function validateValue(schema, value) {
    const text = JSON.stringify({ $defs: schemas, ...schema });
    const standalone = text.replaceAll("#/components/schemas/", "#/$defs/");
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(standalone) as object);
    compiled.set(text, validate);
    return validate(value) ? null : validate.errors;
  };
}

interface ReceivedResponse extends Pick<Response, "status" | "text"> {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Expects a response whose headers and body match the description of its status. Returns the name of the
 * example that equals the body of a refusal, and "" for a success.
 */
export function expectDescribed(
  validate: ReturnType<typeof createSchemaValidator>,
  described: OpenApi.Response | undefined,
  { status, headers, text }: ReceivedResponse,
): string {
  expect([status, described]).toEqual([status, expect.anything()]);
  const { headers: describedHeaders = {}, content }: Partial<OpenApi.Response> = described ?? {};
  for (const [name, { required, schema }] of Object.entries(describedHeaders)) {
    const value = headers[name.toLowerCase()]; // Set-Cookie is a list
    if (required) expect([name, value]).toEqual([name, expect.anything()]);
    if (value !== undefined)
      expect([name, validate(schema, [value].flat().join())]).toEqual([name, null]);
  }
  const present = PACKAGE_HEADERS.filter((name) => name.toLowerCase() in headers);
  expect(Object.keys(describedHeaders)).toEqual(expect.arrayContaining(present));

  if (content === undefined) {
    expect(text).toBe("");
    return "";
  }
  expect(Object.keys(content)).toEqual([headers["content-type"]]);
  const { schema = {}, examples = {} } = content["application/json"] ?? {};
  expect(validate(schema, JSON.parse(text))).toBeNull();
  if (status < 400) return "";
  const name = Object.keys(examples).find((key) => JSON.stringify(examples[key]?.value) === text);
  expect([text, name]).toEqual([text, expect.any(String)]);
  const challenge = describedHeaders["WWW-Authenticate"]?.examples?.[String(name)]?.value;
  expect(headers["www-authenticate"]).toBe(challenge);
  return String(name);
}

const PACKAGE_HEADERS = ["Cache-Control", "Pragma", "Set-Cookie", "WWW-Authenticate"];
