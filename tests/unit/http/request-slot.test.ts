import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { clearUser, createRequestSlot, setUser } from "../../../lib/http/request-slot.ts";

function newRequest(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

describe("createRequestSlot", () => {
  test("returns the value that was set for a request, and undefined for another request", () => {
    const slot = createRequestSlot<string>();
    const req = newRequest();
    slot.set(req, "ann");
    expect(slot.get(req)).toBe("ann");
    expect(slot.get(newRequest())).toBeUndefined();
  });

  test("can store undefined", () => {
    const slot = createRequestSlot<string | undefined>();
    const req = newRequest();
    slot.set(req, "ann");
    slot.set(req, undefined);
    expect(slot.get(req)).toBeUndefined();
  });

  test("stores a value that neither other slots nor properties of the request contain", () => {
    const req = newRequest();
    const names = Reflect.ownKeys(req);
    createRequestSlot<string>().set(req, "ann");
    expect(createRequestSlot<string>().get(req)).toBeUndefined();
    expect(Reflect.ownKeys(req)).toEqual(names);
  });
});

test("setUser overwrites req.user", () => {
  const req = Object.assign(newRequest(), { user: "mallory" });
  setUser(req, "ann");
  expect(req.user).toBe("ann");
  setUser(req, undefined);
  expect(req).toHaveProperty("user", undefined);
});

test("clearUser sets req.user to undefined, and adds no property to a request without it", () => {
  const req = Object.assign(newRequest(), { user: "mallory" });
  clearUser(req);
  expect(req).toHaveProperty("user", undefined);
  const other = newRequest();
  clearUser(other);
  expect(other).not.toHaveProperty("user");
});
