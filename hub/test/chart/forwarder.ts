import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes connections on from a port of its own on loopback. Its port is known before where it leads to. */
export class Forwarder {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: { host: string; port: number } | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#take(client));
  }

  static async listen(): Promise<Forwarder> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Forwarder(server);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Where new connections go from now on; until the first call they are refused. */
  to(host: string, port: number): void {
    this.#target = { host, port };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(client: Socket): void {
    if (this.#target === undefined) {
      client.destroy();
      return;
    }
    const server = connect({ ...this.#target, allowHalfOpen: true });
    this.#join(client, server);
    this.#join(server, client);
  }

  /** The end of one is passed on after all it sent; a break at once. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', (broken) => {
      this.#sockets.delete(from);
      if (broken) to.destroy();
    });
    from.pipe(to);
  }
}
