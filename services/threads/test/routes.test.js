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

test('the list of threads has all three', async () => {
  assert.deepEqual((await getJson('/api/threads')).map((thread) => thread.createdBy), [4, 3, 1]);
});

test('a thread is found by the integer that the id begins with', async () => {
  assert.equal((await getJson('/api/threads/1')).title, "What's up with the Lich?");
  assert.equal((await getJson('/api/threads/3abc')).title, 'In search of a new guitar');
});

test('an unknown thread is 204', async () => {
  for (const id of ['9', 'abc', '%zz']) {
    assert.deepEqual(await get(`/api/threads/${id}`), [204, ''], id);
  }
});

test("the other services' paths are 404", async () => {
  for (const path of ['/api/users', '/api/users/1', '/api/posts', '/api/posts/in-thread/1']) {
    assert.deepEqual(await get(path), [404, 'Not Found'], path);
  }
});
