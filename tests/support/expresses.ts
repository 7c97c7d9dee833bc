import express5 from "express";
import express4 from "express4";

/** For `describe.each`: both versions of Express that the package works with. */
export const expresses: readonly (readonly [string, typeof express5])[] = [
  ["Express 4", express4],
  ["Express 5", express5],
];
