// What was packed, and how often each order came: a queue may hand a message out twice. Kept in memory.
const http = require('node:http');

const packed = new Map();

const server = http.createServer(async (request, response) => {
  const id = request.url.match(/^\/orders\/([\w-]+)$/)?.[1];
  response.setHeader('content-type', 'application/json');
  if (request.method === 'PUT' && id) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const times = (packed.get(id)?.times ?? 0) + 1;
    packed.set(id, { ...JSON.parse(Buffer.concat(parts)), times });
    response.statusCode = 204;
    return response.end();
  }
  if (request.url === '/orders') return response.end(`${JSON.stringify({ packed: packed.size })}\n`);
  const found = packed.get(id);
  response.statusCode = found ? 200 : 404;
  response.end(`${JSON.stringify(found ?? { error: 'not packed' })}\n`);
});

server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
