import { bytesOf, leftOutBy } from '@davit/oci';
import { describe, expect, it } from '@jest/globals';
import { ALWAYS_SCRUBBED } from '../../../../domains/images/scrub.ts';

const kept = (pattern: string, ...paths: string[]) => paths.filter((path) => !leftOutBy([pattern])(bytesOf(path)));

describe('patterns of what is left out', () => {
  it.each([
    ['/tmp', ['tmp'], ['tmp2', 'a/tmp', 'tmp/a']],
    ['/tmp/**', ['tmp/a', 'tmp/a/b'], ['tmp', 'tmp2/a']],
    ['/home/*/.ssh', ['home/ada/.ssh'], ['home/.ssh', 'home/a/b/.ssh', 'home/ada/.sshx']],
    ['/home/*/.*_history', ['home/ada/.bash_history', 'home/ada/._history'], ['home/ada/bash_history']],
    ['/**/secret', ['secret', 'a/secret', 'a/b/c/secret'], ['secret/a', 'a/secrets']],
    ['/a/**/b*c/d', ['a/bc/d', 'a/x/bxxc/d', 'a/bc/x/bc/d'], ['a/bc/d/e', 'a/b/d']],
    ['/a/**/**', ['a/b', 'a/b/c'], ['a']],
    ['/a/*', ['a/b', 'a/.b'], ['a', 'a/b/c']],
    ['//a//b/', ['a/b'], ['a']],
    ['/naïve', ['naïve'], ['naive']],
    ['/.+[a](x)?', ['.+[a](x)?'], ['aa(x)']],
  ])('%s', (pattern, matching, others) => {
    expect(kept(pattern, ...matching)).toEqual([]);
    expect(kept(pattern, ...others)).toEqual(others);
  });

  it('take linear time, whatever people write', () => {
    const began = performance.now();
    const name = 'a'.repeat(250);
    expect(kept(`/${'*a'.repeat(95)}b`, name)).toEqual([name]);
    const path = Array.from({ length: 1000 }, () => 'a').join('/');
    expect(kept(`${'/**/a'.repeat(30)}/b`, path)).toEqual([path]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('that always apply cover keys, tokens, histories, caches and temporary files', () => {
    const isLeftOut = leftOutBy(ALWAYS_SCRUBBED);
    const home = [
      '.ssh',
      '.netrc',
      '.docker',
      '.git-credentials',
      '.aws',
      '.kube',
      '.npmrc',
      '.pypirc',
      '.config/gcloud',
    ];
    const traces = [
      '.bash_history',
      '.python_history',
      '.zsh_history',
      '.node_repl_history',
      '.cache',
      '.sqlite_history',
    ];
    const jupyter = ['.local/share/jupyter/runtime', '.ipython/profile_default/history.sqlite'];
    for (const path of [...home, ...traces, ...jupyter]) {
      expect([path, isLeftOut(`home/davit/${path}`), isLeftOut(`root/${path}`)]).toEqual([path, true, true]);
    }
    for (const path of ['tmp/a', 'var/tmp/a', 'run/davit/token', 'data/private/default']) {
      expect([path, isLeftOut(path)]).toEqual([path, true]);
    }
    const wanted = [
      'tmp',
      'home/davit/.local/lib/python3.11/site-packages/a',
      'opt/venv/bin/pip',
      'home/davit/.bashrc',
    ];
    for (const path of [...wanted, 'usr/lib/x', 'etc/pip.conf', 'home/davit/.local/share/jupyter/kernels']) {
      expect([path, isLeftOut(path)]).toEqual([path, false]);
    }
  });
});
