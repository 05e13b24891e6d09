import { readFileSync } from 'node:fs';

import { one } from './app.js';

const db = JSON.parse(readFileSync(new URL('db.json', import.meta.url), 'utf8'));

export function routes(router) {
  router.get('/api/threads', (ctx) => {
    ctx.body = db.threads;
  });
  router.get('/api/threads/:threadId', (ctx) => {
    const id = Number.parseInt(ctx.params.threadId);
    one(ctx, db.threads.find((thread) => thread.id === id));
  });
}
