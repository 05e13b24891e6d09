// What all the services share: answers, log and shutdown. The same file in every service folder, as each is
// a build context of its own; tests/node checks that they are identical, and runs its app.test.js on each.
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import Router from '@koa/router';
import Koa from 'koa';

// Milliseconds. Longer than the 60 s after which load balancers close an idle connection, so that the service
// is never the one who closes it while the next request is on its way.
const KEEP_ALIVE = 65_000;

// Milliseconds from SIGTERM on: connections are taken until no request has come for `quiet`, at most for
// `accept`; requests in flight are waited for until `grace`.
export const TIMES = { quiet: 1_000, accept: 5_000, grace: 30_000 };
const POLL = 25;

// The Koa app: `/` for health checks, `/api`, and what `routes(router)` adds.
export function createApp(routes) {
  const router = new Router();
  router.get('/', (ctx) => {
    ctx.body = 'Ready to receive requests';
  });
  router.get('/api', (ctx) => {
    ctx.body = 'API ready to receive requests';
  });
  routes(router);
  return new Koa().use(log).use(allow).use(router.routes()).use(router.allowedMethods());
}

async function log(ctx, next) {
  const start = performance.now();
  await next();
  console.log('%s %s - %d', ctx.method, ctx.url, Math.round(performance.now() - start));
}

// allowedMethods() names all methods in one line and answers OPTIONS with 200: the tutorials' board has a line
// for each (Koa writes an array so), none for a path that it doesn't know, and answers with 204.
async function allow(ctx, next) {
  await next();
  if (ctx.response.has('Allow')) {
    ctx.set('Allow', ctx.response.get('Allow').split(', ').filter(Boolean));
    ctx.status = ctx.method === 'OPTIONS' ? 204 : ctx.status;
  }
}

// Serves the app on the port until SIGTERM or SIGINT. Resolves to the listening server.
export async function serve(app, port, times = TIMES) {
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE });
  const state = { sockets: new Set(), inFlight: 0, lastRequest: 0, drained: null };
  server.on('connection', (socket) => {
    state.sockets.add(socket);
    socket.once('close', () => state.sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    state.inFlight += 1;
    response.once('close', () => (state.inFlight -= 1));
    // Health checks of the load balancer go on for ever: they don't count as traffic.
    state.lastRequest = request.url === '/' ? state.lastRequest : performance.now();
    if (state.drained) {
      response.setHeader('Connection', 'close');
    }
  });
  server.on('request', app.callback());
  // As process 1 of a container, the process has only the signal handlers that it installs itself.
  const stop = () => (state.drained ??= drain(server, state, times));
  process.on('SIGTERM', stop).on('SIGINT', stop);
  await once(server.listen(port), 'listening');
  console.log('Worker started');
  return server;
}

// Answers stragglers, then lets go of idle connections, then ends the process: with 0 if no request was lost.
// Not http-terminator or its like: they count a request only once its headers are complete, and would drop one
// of which a part has come.
async function drain(server, state, times) {
  const begun = performance.now();
  const since = (moment) => performance.now() - moment;
  const busy = () => state.inFlight > 0 || since(Math.max(begun, state.lastRequest)) < times.quiet;
  while (since(begun) < times.accept && busy()) {
    await sleep(POLL);
  }
  server.close(() => process.exit(0));
  // Opened, but nothing asked: Node does not count such a connection as idle.
  [...state.sockets].filter((socket) => socket.bytesRead === 0).forEach((socket) => socket.destroy());
  setInterval(() => server.closeIdleConnections(), POLL);
  await sleep(times.grace - since(begun));
  console.error(`Stopped with ${state.sockets.size} connections in use after ${times.grace / 1000} s`);
  process.exit(1);
}
