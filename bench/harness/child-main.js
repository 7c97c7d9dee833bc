// Runs in the process that child.js starts.
const loading = import(process.argv[2]);

process.on("message", async ({ name, argument }) => {
  try {
    const functions = await loading;
    process.send({ result: await functions[name](argument) });
  } catch (error) {
    process.send({ failure: error.stack });
  }
});
process.on("disconnect", () => process.exit());
