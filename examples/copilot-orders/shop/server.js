// Takes orders: each is a message to the topic `orders`. What became of it, the ledger knows.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

const topic = JSON.parse(process.env.COPILOT_SNS_TOPIC_ARNS).orders;
const ledger = `http://ledger.${process.env.COPILOT_SERVICE_DISCOVERY_ENDPOINT}:8080`;
const sns = new SNSClient({});

async function take(request, response) {
  const order = { id: randomUUID(), ...JSON.parse(await text(request)) };
  const kind = { DataType: 'String', StringValue: order.kind ?? 'parcel' };
  await sns.send(new PublishCommand({ TopicArn: topic, Message: JSON.stringify(order), MessageAttributes: { kind } }));
  response.statusCode = 202;
  response.end(`${JSON.stringify({ id: order.id })}\n`);
}

async function text(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function answer(request, response) {
  if (request.url === '/health') return response.end('ok\n');
  response.setHeader('content-type', 'application/json');
  if (request.method === 'POST' && request.url === '/orders') return take(request, response);
  if (request.method === 'GET' && /^\/orders(\/[\w-]+)?$/.test(request.url)) {
    const known = await fetch(`${ledger}${request.url}`);
    response.statusCode = known.status;
    return response.end(await known.text());
  }
  const about = { help: process.env.HELP_MAIL, receipts: process.env.RECEIPTS_NAME };
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end(`${JSON.stringify(about)}\n`);
}

const server = http.createServer((request, response) =>
  answer(request, response).catch((failure) => {
    console.error(failure);
    response.statusCode = 500;
    response.end();
  }),
);
server.keepAliveTimeout = 75_000;
server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
