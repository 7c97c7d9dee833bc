import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import { rsaPair } from "../../support/keys.ts";

beforeAll(() => {
  const pem = rsaPair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  process.env.JWT_PRIVATE_KEY = pem.replaceAll("\n", "\\n");
});
afterAll(() => {
  delete process.env.JWT_PRIVATE_KEY;
});

test("the line breaks of a PEM in an environment variable are restored", async () => {
  const auth = createJwtStrategy({
    algorithm: "RS256",
    secret: process.env.JWT_PRIVATE_KEY!.replaceAll("\\n", "\n"),
    lifetimeSeconds: 3600,
  });

  const token = await auth.writeToken({ id: "1" });
  await expect(auth.readToken(token)).resolves.toMatchObject({ sub: "1" });
});
