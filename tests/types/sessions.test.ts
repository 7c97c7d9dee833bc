import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  InvalidTokenError,
  SessionExpiredError,
  type AuthErrorReason,
  type Handler,
  type JwtStrategy,
  type JwtStrategyOptions,
  type RequestStrategy,
  type Transport,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import { expectTypeOf } from "expect-type";
import type { HmacSecret } from "../../lib/keys/secret-key.ts";
import { hmacSecret, rsaPair } from "../support/keys.ts";

// `tsc` checks this file: every `@ts-expect-error` must be an error, every `expectTypeOf` must be true.

interface User {
  readonly id: string;
  readonly passwordHash: string;
}
interface Login extends User {
  readonly password: string;
}

const hmac = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const findUser = (id: string): User => ({ id, passwordHash: "hash" });
const users = { ...hmac, findUser } as const;
const securityStamp = ({ passwordHash }: User): string => passwordHash;

describe("the options of sessions that do not compile", () => {
  const refuse = (create: () => unknown): void => expect(create).toThrow(TypeError);

  test("of another type", () => {
    // @ts-expect-error Seconds are a number
    refuse(() => createJwtStrategy({ ...users, maxSessionSeconds: "7200" }));
    // @ts-expect-error The default, no limit, is undefined and not null
    refuse(() => createJwtStrategy({ ...users, maxSessionSeconds: null }));
    const transport = cookieTransport();
    // @ts-expect-error A fraction is a number
    refuse(() => createJwtStrategy({ ...users, transport, renewAfterFraction: "0.5" }));
    // @ts-expect-error securityStamp is a function of the user
    refuse(() => createJwtStrategy({ ...users, securityStamp: "hash" }));
    const rsa = { algorithm: "RS256", secret: rsaPair.privateKey } as const;
    // @ts-expect-error A key is not a number
    refuse(() => createJwtStrategy({ ...users, ...rsa, securityStamp, securityStampKey: 42 }));
  });

  test("without findUser", () => {
    // @ts-expect-error maxSessionSeconds requires findUser
    refuse(() => createJwtStrategy({ ...hmac, maxSessionSeconds: 7200 }));
    const transport = cookieTransport();
    // @ts-expect-error renewAfterFraction requires findUser
    refuse(() => createJwtStrategy({ ...hmac, transport, renewAfterFraction: 0.5 }));
    // @ts-expect-error securityStamp requires findUser
    refuse(() => createJwtStrategy({ ...hmac, securityStamp: () => "hash" }));
  });
});

describe("a securityStamp that does not compile", () => {
  const write = (options: UserStrategyOptions<User>): Promise<string> =>
    createJwtStrategy(options).writeToken(findUser("42"));

  test("may return undefined", async () => {
    const options: UserStrategyOptions<User> = {
      ...users,
      // @ts-expect-error Tokens of a user without a string could not be revoked
      securityStamp: (user) => (user.id === "42" ? undefined : user.passwordHash),
    };
    await expect(write(options)).rejects.toThrow(TypeError);
  });

  test("returns a number", async () => {
    const options: UserStrategyOptions<User> = {
      ...users,
      // @ts-expect-error A version must be converted: String(version)
      securityStamp: () => 42,
    };
    await expect(write(options)).rejects.toThrow(TypeError);
  });

  test("reads a property that only the user of a login has", () => {
    const options: UserStrategyOptions<User, Login> = {
      ...users,
      // @ts-expect-error The user of findUser has no password
      securityStamp: ({ password }) => String(password),
    };
    expect(createJwtStrategy(options)).toBeDefined();
  });
});

describe("the options of sessions that compile", () => {
  test("are all of them together, synchronous or asynchronous", () => {
    const auth = createJwtStrategy({
      ...users,
      transport: cookieTransport(),
      maxSessionSeconds: 7200,
      renewAfterFraction: 0.5,
      securityStamp: (user) => Promise.resolve(user.passwordHash),
    });
    expectTypeOf(auth).toEqualTypeOf<JwtStrategy<User>>();
    expect(auth.refresh).toBeInstanceOf(Function);
  });

  test("are undefined, except for those that restrict sessions", () => {
    const auth = createJwtStrategy({
      ...users,
      renewAfterFraction: undefined,
      securityStampKey: undefined,
    });
    expect(auth.refresh).toBeInstanceOf(Function);
    // @ts-expect-error -- A misspelled variable must not remove a restriction.
    expect(() => createJwtStrategy({ ...users, maxSessionSeconds: undefined })).toThrow(TypeError);
    // @ts-expect-error -- A misspelled variable must not remove a restriction.
    expect(() => createJwtStrategy({ ...users, securityStamp: undefined })).toThrow(TypeError);
  });

  test("are assembled elsewhere", () => {
    const options: UserStrategyOptions<User> = { ...users, maxSessionSeconds: 7200, securityStamp };
    expectTypeOf(options).toExtend<JwtStrategyOptions<User>>();
    expectTypeOf(options.securityStampKey).toEqualTypeOf<
      HmacSecret | readonly HmacSecret[] | undefined
    >();
    expect(createJwtStrategy(options)).toBeDefined();
  });

  test("receive the user that findUser returns or that logs in", () => {
    const auth = createJwtStrategy<User, Login>({
      ...users,
      claims(user) {
        expectTypeOf(user).toEqualTypeOf<User | Login>();
        return {};
      },
      securityStamp(user) {
        expectTypeOf(user).toEqualTypeOf<User | Login>();
        return user.passwordHash;
      },
    });
    expectTypeOf(auth).toEqualTypeOf<JwtStrategy<User, Login>>();
    expect(auth.refresh).toBeInstanceOf(Function);
  });
});

test("refresh is a handler of every strategy", () => {
  const auth = createJwtStrategy(users);
  expectTypeOf(auth.refresh).toEqualTypeOf<Handler>();
  expectTypeOf<RequestStrategy<User>["refresh"]>().toEqualTypeOf<Handler>();
  expect(dynamicStrategy(() => auth).refresh).toBeInstanceOf(Function);
  expect(() => anyOf(auth).refresh).toThrow(TypeError);
});

test("an expired session is a reason of a refused token", () => {
  expectTypeOf<SessionExpiredError>().toExtend<InvalidTokenError>();
  expectTypeOf<"session_expired" | "security_stamp_mismatch">().toExtend<AuthErrorReason>();
  expect(new SessionExpiredError()).toBeInstanceOf(InvalidTokenError);
});

test("renewalHeaders of a transport is optional", () => {
  expectTypeOf<Omit<Transport, "renewalHeaders">>().toExtend<Transport>();
  const { renewalHeaders } = cookieTransport();
  expectTypeOf(renewalHeaders).toEqualTypeOf<Transport["renewalHeaders"]>();
  expect(renewalHeaders).toBeInstanceOf(Function);
});
