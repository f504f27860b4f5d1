import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiError,
  createClient,
  createServer,
  createSession,
  createUser,
  deleteServer,
  getServer,
  listImages,
  listServers,
  type ApiClient,
  type Image,
  type Server,
} from '@davit/contract';
import { ADMIN, type HubProcess } from './hubProcess.ts';

/** A signed-in person for tests: the typed client with the session's cookie. */
export interface Person {
  call: ApiClient;
  cookie: string;
  userId: string;
}

/** Signs in and keeps the cookie. */
export async function signIn(
  hub: Pick<HubProcess, 'url'>,
  name = ADMIN.name,
  password = ADMIN.password,
): Promise<Person> {
  let cookie = '';
  const keepCookie: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    for (const line of response.headers.getSetCookie()) cookie = line.split(';')[0] ?? cookie;
    return response;
  };
  const call = createClient({
    baseUrl: hub.url,
    fetch: keepCookie,
    headers: (): Record<string, string> => (cookie === '' ? {} : { cookie }),
  });
  const { user } = await call(createSession, { body: { name, password } });
  return {
    call,
    userId: user.id,
    get cookie() {
      return cookie;
    },
  };
}

/** Creates a person through the admin and signs in as that person. */
export async function newPerson(hub: Pick<HubProcess, 'url'>, admin: Person, name: string): Promise<Person> {
  const password = `${name}-and-a-password`;
  await admin.call(createUser, { body: { name, password, quota: { servers: 20, cpu: 32, memoryMb: 65_536 } } });
  return signIn(hub, name, password);
}

/** The image with that name. */
export async function imageNamed(person: Person, name: string): Promise<Image> {
  const { items } = await person.call(listImages, {});
  const image = items.find((item) => item.name === name);
  if (image === undefined) throw new Error(`no image ${name} among ${items.map((item) => item.name).join(', ')}`);
  return image;
}

/** Creates a server from the image of that name and starts it unless told not to. */
export async function newServer(person: Person, imageName: string, name: string, start = true): Promise<Server> {
  const image = await imageNamed(person, imageName);
  return person.call(createServer, { body: { name, imageId: image.id, start } });
}

/** Waits until the server's phase is one of `phases`; another final phase fails at once with its reason. */
export async function untilPhase(
  person: Person,
  id: string,
  phases: Server['phase'][],
  timeoutMs = 120_000,
  lookMs = 250,
): Promise<Server> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const server = await person.call(getServer, { params: { id } });
    if (phases.includes(server.phase)) return server;
    if (server.phase === 'failed' || Date.now() > deadline) {
      throw new Error(`server is ${server.phase}, not ${phases.join(' or ')}: ${server.reason ?? ''}`);
    }
    await sleep(lookMs);
  }
}

/** Deletes all of a person's servers and waits until they are gone. */
export async function deleteAllServers(person: Person): Promise<void> {
  const { items } = await person.call(listServers, { query: { limit: 200 } });
  await Promise.all(items.map(({ id }) => person.call(deleteServer, { params: { id } }).catch(unlessGone)));
  const deadline = Date.now() + 60_000;
  while ((await person.call(listServers, {})).items.length > 0 && Date.now() < deadline) await sleep(250);
}

/** A server that was being deleted is in the list until its container is gone. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError) || error.problem.status !== 404) throw error;
}
