process.on("SIGTERM", () => process.exit(0));
require("node:http")
  .createServer((_, response) => response.end("ok\n"))
  .listen(3000);
