import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImageFailed } from '../../domains/images/index.ts';
import { RegistryImages } from './registryImages.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const MANIFEST = JSON.stringify({ config: { size: 10 }, layers: [{ size: 100 }, { size: 200 }] });
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
    const present = ['0123456789ab', DIGEST].map((reference) => `/v2/davit/jupyterlab/manifests/${reference}`);
    server = createServer((request, response) => {
      if (broken) response.writeHead(500).end();
      else if (!present.includes(request.url ?? '')) response.writeHead(404).end();
      else response.writeHead(200, { 'docker-content-digest': DIGEST }).end(MANIFEST);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const pushUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    images = new RegistryImages(KNOWN, { pullHost: 'registry.test', pushUrl });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('are found by their content, and named as nodes know the registry', async () => {
    const found = { ref: 'registry.test/davit/jupyterlab:0123456789ab', digest: DIGEST, sizeBytes: 310 };
    expect(await images.present('jupyterlab')).toEqual(found);
    expect(await images.ensure('jupyterlab')).toEqual(found);
    expect((await images.locate(DIGEST))?.digest).toBe(DIGEST);
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
