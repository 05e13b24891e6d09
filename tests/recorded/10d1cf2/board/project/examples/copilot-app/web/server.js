// The pages. What Copilot's variables say of this place stands on each of them.
const http = require('node:http');

const place = `${process.env.COPILOT_APPLICATION_NAME}/${process.env.COPILOT_ENVIRONMENT_NAME}`;

const server = http.createServer((request, response) => {
  if (request.url === '/health') return response.end('ok\n');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${process.env.TITLE}: ${request.url} from ${process.env.COPILOT_SERVICE_NAME} of ${place}\n`);
});

server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
