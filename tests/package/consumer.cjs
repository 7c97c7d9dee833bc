const express = require("express");
const strategy = require("express-jwt-strategy");
const { smoke } = require("./smoke.cjs");

smoke(express, strategy).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
