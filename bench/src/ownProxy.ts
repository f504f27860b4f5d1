import { startHubProxy } from './hubProxy.ts';

/** The hub's proxy as a process of its own. Takes the port of the backend; prints where it is and who may enter. */
const { port, headers } = await startHubProxy({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.stdout.write(`${JSON.stringify({ port, headers })}\n`);
