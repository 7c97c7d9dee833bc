const express = require("express");
const strategy = require("express-jwt-strategy");
const remote = require("express-jwt-strategy/remote-jwks");
const { smokeRemote } = require("./smoke-remote.cjs");

smokeRemote(express, strategy, remote).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
