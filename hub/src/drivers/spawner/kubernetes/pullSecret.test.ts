import { expect, it } from '@jest/globals';
import { pullSecretSpec } from './pullSecret.ts';

it('is a secret that a kubelet signs in to the registry with', () => {
  const secret = pullSecretSpec('hub000000001', { host: 'registry.test:5000', user: 'nodes', password: 'word:1' });
  expect(secret).toMatchObject({
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'davit-hub000000001-registry', labels: { 'davit.instance': 'hub000000001' } },
  });
  const auth = Buffer.from('nodes:word:1').toString('base64');
  expect(JSON.parse(secret.stringData?.['.dockerconfigjson'] ?? '')).toEqual({
    auths: { 'registry.test:5000': { auth } },
  });
});
