import { createApp, serve } from './app.js';
import { routes } from './routes.js';

await serve(createApp(routes), 3000);
