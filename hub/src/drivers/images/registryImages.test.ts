import { RegistryClient } from '@davit/oci';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImageFailed } from '../../domains/images/index.ts';
import { RegistryImages } from './registryImages.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const MANIFEST = JSON.stringify({ config: { size: 10 }, layers: [{ size: 100 }, { size: 200 }] });
const SAVED = `saved/ada/manifests/${DIGEST}`;
const KNOWN = {
  catalogue: () =>
    ['base', 'jupyterlab'].map((name) => ({ name, version: '1', title: '', description: '', editors: [] })),
  ref: (name: string) => `localhost/davit/${name}:0123456789ab`,
};

describe('images in a registry', () => {
  let server: Server;
  let images: RegistryImages;
  let broken = false;
  beforeAll(async () => {
    const present = [`davit/jupyterlab/manifests/0123456789ab`, `davit/jupyterlab/manifests/${DIGEST}`, SAVED].map(
      (path) => `/v2/${path}`,
    );
    server = createServer((request, response) => {
      if (broken) response.writeHead(500).end();
      else if (!present.includes(request.url ?? '')) response.writeHead(404).end();
      else response.writeHead(200, { 'docker-content-digest': DIGEST }).end(MANIFEST);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const pushUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const client = new RegistryClient(pushUrl);
    images = new RegistryImages(KNOWN, { pullHost: 'registry.test', client });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('are found by their content, and named as nodes know the registry', async () => {
    const found = { ref: 'registry.test/davit/jupyterlab:0123456789ab', digest: DIGEST, sizeBytes: 310 };
    expect(await images.present('jupyterlab')).toEqual(found);
    expect(await images.ensure('jupyterlab')).toEqual(found);
    expect((await images.locate(DIGEST))?.ref).toBe(`registry.test/davit/jupyterlab@${DIGEST}`);
  });

  it('that people made are looked for where they were put, and nowhere else', async () => {
    const found = { ref: `registry.test/saved/ada@${DIGEST}`, digest: DIGEST, sizeBytes: 310 };
    expect(await images.locate(DIGEST, 'registry.test/saved/ada:1')).toEqual(found);
    expect(await images.locate(DIGEST, `registry.test/saved/ada:1@${DIGEST}`)).toEqual(found);
    expect(await images.locate(DIGEST, 'registry.test/saved/eve:1')).toBeUndefined();
  });

  it('are told to be missing when nobody pushed them', async () => {
    expect(await images.present('base')).toBeUndefined();
    await expect(images.ensure('base')).rejects.toThrow(ImageFailed);
    expect(await images.locate(`sha256:${'b'.repeat(64)}`)).toBeUndefined();
  });

  it('are not known while the registry fails', async () => {
    broken = true;
    await expect(images.present('jupyterlab')).rejects.toThrow('The registry answered 500');
  });
});
