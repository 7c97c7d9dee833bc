import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { getContentType, getMediaType } from "../../../lib/http/content-type.ts";

function requestWith(contentType?: unknown): IncomingMessage {
  const headers = contentType === undefined ? {} : { "content-type": contentType };
  return Object.assign(new IncomingMessage(new Socket()), { headers });
}

describe("getMediaType", () => {
  test.each([
    ["application/json", "application/json"],
    ["APPLICATION/Json", "application/json"],
    [" application/json ", "application/json"],
    ["application/json; charset=utf-8", "application/json"],
    ["application/json;", "application/json"],
    ["application/x-www-form-urlencoded;charset=ISO-8859-1", "application/x-www-form-urlencoded"],
    ['multipart/form-data; boundary="a;b"', "multipart/form-data"],
    ["text/plain", "text/plain"],
  ])("returns the media type of %j", (contentType, mediaType) => {
    expect(getMediaType(requestWith(contentType))).toBe(mediaType);
  });

  test.each([
    "application/json, text/plain",
    "application/vnd.api+json",
    "application/jsonp",
    "text/json",
    "json",
    "l0velace",
    "hasOwnProperty",
  ])("returns unknown for %j, so that logs contain no text of the client", (contentType) => {
    expect(getMediaType(requestWith(contentType))).toBe("unknown");
  });

  test.each([undefined, "", " ", ";", "; charset=utf-8"])(
    "returns missing for %j",
    (contentType) => {
      expect(getMediaType(requestWith(contentType))).toBe("missing");
    },
  );

  describe("with a polluted Object.prototype", () => {
    afterEach(() => {
      delete (Object.prototype as Record<string, unknown>)["content-type"];
    });

    test("reads only own headers", () => {
      Object.assign(Object.prototype, { "content-type": "application/json" });

      expect(getMediaType(requestWith())).toBe("missing");
      expect(getContentType(requestWith())).toBe("");
    });
  });
});

test("getContentType returns the header as it was sent, and an empty string if it is not a string", () => {
  expect(getContentType(requestWith("Multipart/Form-Data; boundary=X"))).toBe(
    "Multipart/Form-Data; boundary=X",
  );
  expect(getContentType(requestWith(["application/json"]))).toBe("");
});
