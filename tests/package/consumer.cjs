const express = require("express");
const strategy = require("express-jwt-strategy");
const { signAside, smoke } = require("./smoke.cjs");

smoke(express, strategy)
  .then(() => signAside(strategy))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
