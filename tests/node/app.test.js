// The part that all services share: answers that don't depend on the data, and shutdown. Run it in a service's
// folder, with its packages installed: `node --test ../../tests/node/app.test.js`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const { createApp } = await import(pathToFileURL(path.resolve('app.js')));

// A slow machine must not make the tests fail.
const PATIENT = { accept: 60_000, grace: 120_000 };

// A server process with `/slow`, which answers when its parent sends a message.
const serverWith = (times) => `
  import { once } from 'node:events';
  import { createApp, serve, TIMES } from './app.js';
  const app = createApp((router) => {
    router.get('/slow', async (ctx) => {
      process.send('begun');
      await once(process, 'message');
      ctx.body = 'slow';
    });
  });
  const server = await serve(app, 0, { ...TIMES, ...${JSON.stringify(times)} });
  process.send(server.address().port);
`;

let server;
before(async () => {
  const app = createApp((router) => {
    router.get('/thing', (ctx) => {
      ctx.body = { id: 1 };
    });
  });
  server = app.listen(0);
  await once(server, 'listening');
});
after(() => server.close());

async function ask(method, path, { port = server.address().port, agent = false } = {}) {
  const request = http.request({ host: '127.0.0.1', port, method, path, agent }).end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response) {
    body += chunk;
  }
  const allow = response.rawHeaders.filter((_, at) => response.rawHeaders[at - 1] === 'Allow');
  return { status: response.statusCode, headers: response.headers, allow, body };
}

async function startProcess(t, times = PATIENT) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', serverWith(times)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const closed = once(child, 'close');
  const [port] = await once(child, 'message');
  return { child, port, closed, output: () => output };
}

test('the health paths answer with a text', async () => {
  for (const [path, body] of [
    ['/', 'Ready to receive requests'],
    ['/api', 'API ready to receive requests'],
    ['/api/', 'API ready to receive requests'],
  ]) {
    const answer = await ask('GET', path);
    assert.equal(answer.status, 200);
    assert.equal(answer.body, body);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(answer.headers['content-length'], String(body.length));
  }
});

test('paths match in any case, with a trailing slash and with a query', async () => {
  for (const path of ['/thing', '/THING', '/thing/', '/thing?a=b']) {
    assert.equal((await ask('GET', path)).body, '{"id":1}', path);
  }
});

test('HEAD has the headers of GET and no body', async () => {
  const answer = await ask('HEAD', '/thing');
  assert.deepEqual([answer.status, answer.headers['content-length'], answer.body], [200, '8', '']);
});

test('OPTIONS on a known path is 204 with two Allow headers', async () => {
  const answer = await ask('OPTIONS', '/thing');
  assert.deepEqual([answer.status, answer.allow, answer.body], [204, ['HEAD', 'GET'], '']);
});

test('a method without a handler is 405 with two Allow headers', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await ask(method, '/thing');
    assert.deepEqual([answer.status, answer.allow, answer.body], [405, ['HEAD', 'GET'], 'Method Not Allowed']);
  }
});

test('a method that the router does not know is 501', async () => {
  const known = await ask('TRACE', '/thing');
  assert.deepEqual([known.status, known.allow, known.body], [501, ['HEAD', 'GET'], 'Not Implemented']);
  const unknown = await ask('TRACE', '/nope');
  assert.deepEqual([unknown.status, unknown.allow, unknown.body], [501, [], 'Not Implemented']);
});

test('an unknown path is 404 for every known method', async () => {
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    for (const path of ['/nope', '//thing', '/thing/1', '/thing//']) {
      const answer = await ask(method, path);
      assert.deepEqual([answer.status, answer.allow, answer.body], [404, [], 'Not Found'], `${method} ${path}`);
    }
  }
});

test('the log has one line for the start and one for each request', async (t) => {
  const { child, port, closed, output } = await startProcess(t);
  await ask('GET', '/api?x=%20y', { port });
  await ask('POST', '/nope', { port });
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
  assert.match(output(), /^Worker started\nGET \/api\?x=%20y - \d+\nPOST \/nope - \d+\n$/);
});

test('SIGTERM answers what is in flight and what still comes, and then ends with 0', async (t) => {
  const { child, port, closed } = await startProcess(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const unused = net.connect(port, '127.0.0.1').on('error', () => {});
  t.after(() => unused.destroy());
  await once(unused, 'connect');
  assert.equal((await ask('GET', '/', { port, agent })).headers.connection, 'keep-alive');

  const slow = ask('GET', '/slow', { port });
  await once(child, 'message');
  child.kill('SIGTERM');
  // The signal takes effect at some moment after kill(): from then on answers say that the connection closes.
  let fresh;
  do {
    const keepAlive = new http.Agent({ keepAlive: true });
    fresh = await ask('GET', '/api', { port, agent: keepAlive });
    keepAlive.destroy();
    assert.equal(fresh.status, 200);
  } while (fresh.headers.connection !== 'close');
  const kept = await ask('GET', '/api', { port, agent });
  assert.deepEqual([kept.status, kept.headers.connection], [200, 'close']);

  child.send('go on');
  assert.equal((await slow).body, 'slow');
  assert.deepEqual(await closed, [0, null]);
});

test('SIGTERM waits for a request of which only the beginning has come', async (t) => {
  const { child, port, closed } = await startProcess(t);
  const socket = net.connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write('GET /api HTTP/1.1\r\n');
  // The server has taken the half request before it takes the signal: it answers a later connection first.
  await ask('GET', '/api', { port });
  child.kill('SIGTERM');
  await refused(port);
  socket.end('Host: a\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
  }
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n.*API ready to receive requests$/s);
  assert.deepEqual(await closed, [0, null]);
});

test('a request that is not answered within the grace time ends the process with 1 and a reason', async (t) => {
  const { child, port, closed, output } = await startProcess(t, { accept: 100, grace: 500 });
  const slow = assert.rejects(ask('GET', '/slow', { port }), { code: 'ECONNRESET' });
  await once(child, 'message');
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [1, null]);
  assert.match(output(), /^Stopped with 1 connections in use after 0.5 s$/m);
  await slow;
});

// Waits until the port takes no more connections.
async function refused(port) {
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch (error) {
      assert.ok(['ECONNREFUSED', 'ECONNRESET'].includes(error.code), error.code);
      return;
    } finally {
      socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
