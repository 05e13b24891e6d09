// Packs what was ordered: takes messages of its queue, tells the ledger, and only then takes them off the queue.
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const queue = process.env.COPILOT_QUEUE_URI;
const ledger = `http://ledger.${process.env.COPILOT_SERVICE_DISCOVERY_ENDPOINT}:8080`;
const sqs = new SQSClient({});

async function work({ Body: body, ReceiptHandle: handle }) {
  const order = JSON.parse(JSON.parse(body).Message); // in the envelope of SNS
  const answer = await fetch(`${ledger}/orders/${order.id}`, {
    method: 'PUT',
    body: JSON.stringify({ ...order, by: process.env.HOSTNAME }),
  });
  if (!answer.ok) throw new Error(`the ledger answers ${answer.status}`);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handle }));
}

let going = true;
const waiting = new AbortController();
process.on('SIGTERM', () => {
  going = false;
  waiting.abort(); // what is in hand is finished
});

while (going) {
  try {
    const more = { QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
    const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(more), { abortSignal: waiting.signal });
    for (const message of messages) await work(message);
  } catch (failure) {
    if (!going) break;
    console.error(failure); // the message is handed out again after the queue's timeout
    await sleep(1000);
  }
}
