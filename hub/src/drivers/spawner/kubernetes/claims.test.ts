import { describe, expect, it } from '@jest/globals';
import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { claimsOf, dataVolumes } from './claims.ts';

const SPEC = { ownerId: 'usr000000001', sources: ['default', 'big'], sharedWritable: false } as unknown as ServerSpec;
const MANY = {
  className: 'nfs',
  sharedClassName: undefined,
  accessMode: 'ReadWriteMany' as const,
  size: '50Gi',
};
const ONCE = { ...MANY, accessMode: 'ReadWriteOnce' as const, className: 'block', sharedClassName: 'nfs' };

describe('claims', () => {
  it('are one per source, with a directory for each user, where many machines may write', () => {
    expect(claimsOf(SPEC, 'hub000000001', MANY)[0]).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'davit-hub000000001-default', labels: { 'davit.instance': 'hub000000001' } },
      spec: {
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: '50Gi' } },
        storageClassName: 'nfs',
      },
    });
    expect(claimsOf(SPEC, 'hub000000001', MANY).map(({ metadata }) => metadata?.name)).toEqual([
      'davit-hub000000001-default',
      'davit-hub000000001-big',
    ]);
  });

  it('are one per source and user, beside the shared one, where a machine at a time may write', () => {
    const claims = claimsOf(SPEC, 'hub000000001', ONCE).map(({ metadata, spec }) => [
      metadata?.name,
      spec?.accessModes?.[0],
      spec?.storageClassName,
    ]);
    expect(claims).toEqual([
      ['davit-hub000000001-default-usr000000001', 'ReadWriteOnce', 'block'],
      ['davit-hub000000001-default', 'ReadWriteMany', 'nfs'],
      ['davit-hub000000001-big-usr000000001', 'ReadWriteOnce', 'block'],
      ['davit-hub000000001-big', 'ReadWriteMany', 'nfs'],
    ]);
    const { mounts } = dataVolumes(SPEC, 'hub000000001', ONCE);
    expect(mounts.slice(0, 3)).toEqual([
      { name: 'data-0', mountPath: '/data/private/default', subPath: 'private/usr000000001', readOnly: false },
      { name: 'data-1', mountPath: '/data/public/default', subPath: 'public', readOnly: true },
      { name: 'data-1', mountPath: '/data/share/default', subPath: 'share', readOnly: true },
    ]);
  });

  it('leave the class to the cluster where none is set', () => {
    const [claim] = claimsOf(SPEC, 'hub000000001', { ...MANY, className: undefined });
    expect(claim?.spec).not.toHaveProperty('storageClassName');
  });

  it('refuse a source whose name the cluster would not take', () => {
    const spec = { ...SPEC, sources: ['big_data'] };
    expect(() => claimsOf(spec, 'hub000000001', MANY)).toThrow(SpawnRefused);
  });
});
