// Where parcels are.
const http = require('node:http');

const parcels = [
  { id: 1, to: 'Lisbon', state: 'delivered' },
  { id: 2, to: 'Oslo', state: 'under way' },
];

const server = http.createServer((request, response) => {
  const path = request.url.split('?')[0].replace(/\/$/, '');
  if (path === '/health') return response.end('ok\n');
  const found = path === '/api/parcels' ? parcels : parcels.find((each) => path === `/api/parcels/${each.id}`);
  response.statusCode = found ? 200 : 404;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(found ?? { error: 'no such parcel' }));
});

server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
