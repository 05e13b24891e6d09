import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { createApp } from '../app.js';
import { routes } from '../routes.js';

let server;
before(async () => {
  server = createApp(routes).listen(0);
  await once(server, 'listening');
});
after(() => server.close());

async function get(path) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
  return [response.status, await response.text()];
}

async function getJson(path) {
  const [status, body] = await get(path);
  assert.equal(status, 200, path);
  return JSON.parse(body);
}

test('the list of users has all four', async () => {
  const [status, body] = await get('/api/users');
  assert.deepEqual([status, Buffer.byteLength(body)], [200, 460]);
  assert.deepEqual(JSON.parse(body).map((user) => user.username), ['marceline', 'finn', 'pb', 'jake']);
});

test('a user is found by the integer that the id begins with', async () => {
  assert.equal((await getJson('/api/users/2')).username, 'finn');
  assert.equal((await getJson('/api/users/3abc')).username, 'pb');
});

test('an unknown user is 204', async () => {
  for (const id of ['99', 'abc', '%zz']) {
    assert.deepEqual(await get(`/api/users/${id}`), [204, ''], id);
  }
});

test("the other services' paths are 404", async () => {
  for (const path of ['/api/threads', '/api/threads/1', '/api/posts', '/api/posts/by-user/1']) {
    assert.deepEqual(await get(path), [404, 'Not Found'], path);
  }
});
