import { readFileSync } from 'node:fs';

const db = JSON.parse(readFileSync(new URL('db.json', import.meta.url), 'utf8'));

export function routes(router) {
  router.get('/api/users', (ctx) => {
    ctx.body = db.users;
  });
  router.get('/api/users/:userId', (ctx) => {
    const id = Number.parseInt(ctx.params.userId);
    ctx.body = db.users.find((user) => user.id === id) ?? null; // 204
  });

  router.get('/api/threads', (ctx) => {
    ctx.body = db.threads;
  });
  router.get('/api/threads/:threadId', (ctx) => {
    const id = Number.parseInt(ctx.params.threadId);
    ctx.body = db.threads.find((thread) => thread.id === id) ?? null; // 204
  });

  router.get('/api/posts', (ctx) => {
    ctx.body = db.posts;
  });
  router.get('/api/posts/in-thread/:threadId', (ctx) => {
    const id = Number.parseInt(ctx.params.threadId);
    ctx.body = db.posts.filter((post) => post.thread === id);
  });
  router.get('/api/posts/by-user/:userId', (ctx) => {
    const id = Number.parseInt(ctx.params.userId);
    ctx.body = db.posts.filter((post) => post.user === id);
  });
}
