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

test('the list of posts has all six', async () => {
  const [status, body] = await get('/api/posts');
  assert.deepEqual([status, Buffer.byteLength(body)], [200, 409]);
  assert.equal(JSON.parse(body).length, 6);
});

test('posts are found by thread and by user', async () => {
  assert.deepEqual((await getJson('/api/posts/in-thread/2')).map((post) => post.user), [3, 2, 1]);
  assert.deepEqual((await getJson('/api/posts/by-user/2x')).map((post) => post.thread), [1, 2]);
});

test('a thread or user without posts has an empty list', async () => {
  for (const path of ['in-thread/99', 'by-user/99', 'in-thread/abc', 'by-user/%zz']) {
    assert.deepEqual(await getJson(`/api/posts/${path}`), [], path);
  }
});

test('a post has no path of its own', async () => {
  assert.deepEqual(await get('/api/posts/1'), [404, 'Not Found']);
});
