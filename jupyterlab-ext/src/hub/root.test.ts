import { describe, expect, it } from '@jest/globals';
import { serverRoot } from './root.ts';

describe('where a server of the hub lies', () => {
  const origin = 'http://s-abcdefghijkl.localhost:8000';

  it('is the origin itself where the server has a host of its own', () => {
    expect(serverRoot('/jupyterlab/', origin)).toBe('');
    expect(serverRoot(`${origin}/jupyterlab/`, origin)).toBe('');
  });

  it('is /s/<id> in path mode', () => {
    expect(serverRoot('/s/abcdefghijkl/jupyterlab/', origin)).toBe('/s/abcdefghijkl');
  });

  it.each(['/', '/user/ada/', '/jupyterlab-old/', '/s/short/jupyterlab/', '/a/jupyterlab/'])(
    'is nowhere for a JupyterLab at %s',
    (base) => {
      expect(serverRoot(base, origin)).toBeUndefined();
    },
  );
});
