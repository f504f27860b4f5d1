import { describe, expect, it } from '@jest/globals';
import { pageHtml } from './html.ts';
import { parseFromPage } from './messages.ts';

const html = pageHtml({
  page: 'save',
  title: '<b>"Save"</b>',
  locale: 'zh-CN',
  script: 'vscode-resource:/page.js',
  style: 'vscode-resource:/page.css',
  cspSource: 'https://editor.test',
  nonce: 'abc+/=',
});

describe('the frame of a page', () => {
  it('lets only our own script and styles in', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]?.split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'nonce-abc+/='",
      "style-src https://editor.test 'nonce-abc+/='",
      'font-src https://editor.test',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html).not.toContain('unsafe');
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script nonce="abc+/="');
  });

  it('escapes what is written into it', () => {
    expect(html).toContain('<title>&lt;b&gt;&quot;Save&quot;&lt;/b&gt;</title>');
    expect(html).toContain('lang="zh-CN"');
  });
});

describe('messages of a page', () => {
  const input = { name: 'env', version: '1', description: '', scrub: ['/home/davit/secret'] };

  it('are taken when they are well formed', () => {
    expect(parseFromPage({ type: 'save', input })).toEqual({ type: 'save', input });
    expect(parseFromPage({ type: 'close' })).toEqual({ type: 'close' });
  });

  it.each([
    { type: 'save', input: { ...input, name: 'Not Allowed' } },
    { type: 'save', input: { ...input, scrub: ['../up'] } },
    { type: 'run', command: 'rm' },
    undefined,
    'close',
  ])('are dropped otherwise: %j', (message) => {
    expect(parseFromPage(message)).toBeUndefined();
  });
});
