import { readFileSync } from 'node:fs';

const db = JSON.parse(readFileSync(new URL('db.json', import.meta.url), 'utf8'));

export function routes(router) {
  router.get('/api/threads', (ctx) => {
    ctx.body = db.threads;
  });
  router.get('/api/threads/:threadId', (ctx) => {
    const id = Number.parseInt(ctx.params.threadId);
    ctx.body = db.threads.find((thread) => thread.id === id) ?? null; // 204
  });
}
