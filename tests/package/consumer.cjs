require("./passes-jsonwebtoken-on.cjs");
const express = require("express");
const strategy = require("express-jwt-strategy");
const { signAside, smoke } = require("./smoke.cjs");

process.exitCode = 1; // unless all of it comes to an end
smoke(express, strategy)
  .then(() => signAside(strategy))
  .then(() => (process.exitCode = 0), console.error);
