// nodemailer with its own pool: `PORT CONNECTIONS MAILS FILE`, a contestant (benchmarks/contest.py).
const fs = require('fs');
const readline = require('readline');
const nodemailer = require('nodemailer');

const [port, connections, mails, file] = process.argv.slice(2);
const words = JSON.parse(fs.readFileSync(file, 'utf8'));
const transport = nodemailer.createTransport({
  pool: true, host: '127.0.0.1', port: Number(port), secure: false, ignoreTLS: true,
  maxConnections: Number(connections), maxMessages: Infinity,
});

async function send(numbers) {
  for (let step = numbers.next(); !step.done; step = numbers.next()) {
    await transport.sendMail({
      from: words.sender, to: `person${step.value}@patients.example`,
      subject: words.subject, text: words.text, html: words.html,
    });
  }
}

async function all() {
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  const numbers = Array(Number(mails)).keys();
  // Twice as many as there are connections, so that none waits for the next message to be made.
  await Promise.all(Array.from({ length: 2 * Number(connections) }, () => send(numbers)));
  const used = process.cpuUsage(before);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(JSON.stringify({ seconds, cpu: (used.user + used.system) / 1e6 }));
}

const lines = readline.createInterface({ input: process.stdin });
lines.once('line', () => all().catch((error) => { console.error(error); process.exit(1); }));
lines.once('close', () => process.exit(0));
console.log('ready');
