import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object as the API has it. */
export interface TestObject {
  metadata: {
    name: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
  };
  [field: string]: unknown;
}

interface Body {
  metadata?: Partial<TestObject['metadata']>;
  preconditions?: { uid?: string; resourceVersion?: string };
}

const COLLECTIONS = new Set(['pods', 'secrets', 'persistentvolumeclaims', 'events', 'nodes']);

/** The Kubernetes API as far as the driver asks for it: objects by their paths. What runs pods is left to the test. */
export class TestApi {
  readonly objects = new Map<string, TestObject>();
  /** Each call as `METHOD path`, without the query. */
  readonly calls: string[] = [];
  /** Called before each call is answered; what it returns is waited for. */
  before: (call: string) => unknown = () => undefined;
  readonly #server: Server;
  #version = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response) => {
      void this.#answer(request).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)));
    });
  }

  static async listen(): Promise<TestApi> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestApi(server);
  }

  get config(): KubeConfig {
    const config = new KubeConfig();
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 'x' });
    return config;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts an object where it belongs; what the API adds is added. */
  put(collection: string, object: TestObject): TestObject {
    const { metadata } = object;
    this.#version += 1;
    const added = { uid: `uid-${this.#version}`, creationTimestamp: new Date().toISOString() };
    const made = { ...object, metadata: { ...added, ...metadata, resourceVersion: String(this.#version) } };
    this.objects.set(`${collection}/${metadata.name}`, made);
    return made;
  }

  /** Names of what is in a collection. */
  names(collection: string): string[] {
    return this.#items(collection).map(({ metadata }) => metadata.name);
  }

  #items(collection: string): TestObject[] {
    const isIn = (path: string) =>
      path.startsWith(`${collection}/`) && !path.slice(collection.length + 1).includes('/');
    return [...this.objects].filter(([path]) => isIn(path)).map(([, object]) => object);
  }

  async #answer(request: IncomingMessage): Promise<[number, object]> {
    const { pathname: path } = new URL(request.url ?? '', 'http://x');
    const { method = '' } = request;
    const body = await bodyOf(request);
    this.calls.push(`${method} ${path}`);
    await this.before(`${method} ${path}`);
    const present = this.objects.get(path);
    const [collection, name] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    if (method === 'POST') return this.#create(path, body as TestObject);
    if (method === 'PATCH') {
      const metadata = { ...present?.metadata, ...body.metadata, name };
      return [200, this.put(collection, { ...present, ...body, metadata })];
    }
    if (method === 'DELETE') return this.#delete(path, present, body);
    if (present !== undefined) return [200, present];
    return COLLECTIONS.has(name)
      ? [200, { metadata: { resourceVersion: '1' }, items: this.#items(path) }]
      : [404, { code: 404 }];
  }

  #create(collection: string, body: TestObject): [number, object] {
    const taken = this.objects.has(`${collection}/${body.metadata.name}`);
    return taken ? [409, { reason: 'AlreadyExists' }] : [201, this.put(collection, body)];
  }

  #delete(path: string, present: TestObject | undefined, { preconditions = {} }: Body): [number, object] {
    if (present === undefined) return [404, { code: 404 }];
    const { uid, resourceVersion } = preconditions;
    const isOther = uid !== undefined && uid !== present.metadata.uid;
    const isChanged = resourceVersion !== undefined && resourceVersion !== present.metadata.resourceVersion;
    if (isOther || isChanged) return [409, { reason: 'Conflict' }];
    this.objects.delete(path);
    return [200, present];
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Body);
}
