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
}
