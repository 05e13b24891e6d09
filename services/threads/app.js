// What all the services share: answers, log and shutdown. The same file in every service folder, as each is
// a build context of its own; tests/node checks that they are identical.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import Router from '@koa/router';
import Koa from 'koa';

// The methods that the message board's router knows; any other one is 501, whatever the path.
const KNOWN_METHODS = ['HEAD', 'OPTIONS', 'GET', 'PUT', 'PATCH', 'POST', 'DELETE'];

// Milliseconds. Longer than the 60 s after which load balancers close an idle connection, so that the service
// is never the one who closes it while the next request is on its way.
const KEEP_ALIVE = 65_000;

// Milliseconds from SIGTERM on: connections are taken until no request has come for `quiet`, at most for
// `accept`; requests in hand are waited for until `grace`.
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

  return new Koa().use(log).use(allow).use(router.routes());
}

// Answers with one record, or 204 if there is none.
export function one(ctx, record) {
  if (record === undefined) {
    ctx.status = 204;
  } else {
    ctx.body = record;
  }
}

// Serves the app on the port until SIGTERM or SIGINT. Resolves to the listening server.
export function serve(app, port, times = TIMES) {
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE });
  const state = { sockets: new Set(), inHand: 0, lastRequest: 0, draining: false };
  server.on('connection', (socket) => {
    state.sockets.add(socket);
    socket.once('close', () => state.sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    state.inHand += 1;
    response.once('close', () => {
      state.inHand -= 1;
    });
    // Health checks of the load balancer go on for ever: they don't count as traffic.
    if (request.url !== '/') {
      state.lastRequest = performance.now();
    }
    if (state.draining) {
      response.setHeader('Connection', 'close');
    }
  });
  server.on('request', app.callback());
  // As process 1 of a container, the process has only the signal handlers that it installs itself.
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      if (!state.draining) {
        state.draining = true;
        void drain(server, state, times);
      }
    });
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      console.log('Worker started');
      resolve(server);
    });
  });
}

// Answers stragglers, then lets go of idle connections, then ends the process: with 0 if no request was lost.
async function drain(server, state, times) {
  const begun = performance.now();
  const quietFor = () => performance.now() - Math.max(begun, state.lastRequest);
  while (performance.now() - begun < times.accept && (state.inHand > 0 || quietFor() < times.quiet)) {
    await sleep(POLL);
  }
  server.close();
  while (state.sockets.size > 0) {
    if (performance.now() - begun > times.grace) {
      console.error(`Stopped with ${state.sockets.size} connections in use after ${times.grace / 1000} s`);
      process.exit(1);
    }
    server.closeIdleConnections();
    for (const socket of state.sockets) {
      if (socket.bytesRead === 0) {
        socket.destroy(); // opened, but nothing asked: Node does not count it as idle
      }
    }
    await sleep(POLL);
  }
  process.exit(0);
}

async function log(ctx, next) {
  const start = performance.now();
  await next();
  console.log('%s %s - %d', ctx.method, ctx.url, Math.round(performance.now() - start));
}

// Answers what no handler has answered. Koa writes an array as one header line for each entry.
async function allow(ctx, next) {
  await next();
  if (ctx.status !== 404) {
    return;
  }
  const allowed = [...new Set(ctx.matched.flatMap((layer) => layer.methods))];
  if (allowed.length > 0) {
    ctx.set('Allow', allowed);
  }
  if (!KNOWN_METHODS.includes(ctx.method)) {
    ctx.status = 501;
  } else if (allowed.length > 0) {
    ctx.status = ctx.method === 'OPTIONS' ? 204 : 405;
  }
}
