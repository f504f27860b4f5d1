import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { allRoutes } from '../index.ts';
import { OTHER_TEXTS, translateHubText } from './index.ts';
import { compile } from './template.ts';
import { zhEngine } from './zhEngine.ts';
import { zhImages } from './zhImages.ts';
import { zhPeople } from './zhPeople.ts';
import { zhRequests } from './zhRequests.ts';
import { zhServers } from './zhServers.ts';

const zh = (text: string): string => translateHubText(text, 'zh');

describe('a text of the hub', () => {
  it('stays as it is in English', () => {
    expect(translateHubText('Sign in first.', 'en')).toBe('Sign in first.');
  });

  it('is translated whole, and what is filled in stays', () => {
    expect(zh('Sign in first.')).toBe('请先登录。');
    expect(zh('You have a server named "A and B" already. Choose another name.')).toBe(
      '您已有名为“A and B”的服务器，请换一个名称。',
    );
    expect(zh('Building the image desktop: step 7 of 12')).toBe('正在构建镜像 desktop：第 7 步，共 12 步');
  });

  it('is translated inside of another one', () => {
    expect(
      zh(
        'The container engine could not start the server: The disk of the machine is full. Delete files or unused images, or ask an admin to.',
      ),
    ).toBe('容器引擎无法启动服务器：机器的磁盘已满。请删除文件或不用的镜像，或请管理员清理。');
    expect(zh('Waits for a free GPU: 3 of 4 in use; 2nd in the queue')).toMatch(/3 \/ 4，排在第 2 位/);
    expect(zh('JupyterLab and VS Code ended 5 times: It ended with status 1. Look at the logs.')).toBe(
      'JupyterLab 和 VS Code 已退出 5 次：它以状态 1 结束。请查看日志。',
    );
    expect(zh('This server is starting. Creating the container. Open it when it runs.')).toBe(
      '此服务器正在启动。正在创建容器。请在运行后打开。',
    );
    expect(zh('The desktop ended 3 times. Look at the logs.')).toBe('桌面已退出 3 次，请查看日志。');
  });

  it('leaves names alone that look like something known', () => {
    expect(zh('You have a server named "Desktop" already. Choose another name.')).toContain('“Desktop”');
    expect(zh('Preparing the image health')).toBe('正在准备镜像 health');
    expect(zh('Saving the server bandwidth as health:1st.')).toBe('正在把服务器 bandwidth 保存为 health:1st。');
  });

  it('knows problems of fields that stand alone', () => {
    expect(zh('name: must be letters, digits and . _ @ - inside')).toBe('name：只能用字母和数字，中间可用 . _ @ -');
    expect(zh('note: as somebody wrote it')).toBe('note: as somebody wrote it');
  });

  it('lists the problems of fields', () => {
    expect(zh('The request is not valid. name: Too small: expected string to have >=1 characters; cpu: is odd')).toBe(
      '请求无效。name：不能为空；cpu: is odd',
    );
    expect(zh('The request is not valid. password: must have at least 8 characters')).toBe(
      '请求无效。password：至少 8 个字符',
    );
  });

  it('is of the most specific template that fits', () => {
    expect(
      zh('Its machine ended the server to go on itself (it was short of memory). Start it again; /data is kept.'),
    ).toBe('所在机器缺少 memory，为维持自身运行结束了服务器。请重新启动；/data 会保留。');
  });

  it('is shown as it is where it comes from somewhere else', () => {
    for (const line of [
      'Setting up libc6:amd64 (2.36-9) ...',
      'STEP 3/7: RUN apt-get update',
      'Error: building at STEP "RUN false": exit status 1',
      'constructor',
      '',
      '{n} GPUs',
    ]) {
      expect(zh(line)).toBe(line);
    }
  });

  it('may have several lines', () => {
    expect(
      zh(
        'podman pull X failed (exit code 125). The machine ran out of memory: stop what needs much and start again.\nThe log ends with:\n  a\n  b',
      ),
    ).toBe(
      'podman pull X 失败（退出码 125）。机器内存不足：请停止占用内存多的程序，然后重新启动。\n日志的末尾：\n  a\n  b',
    );
  });
});

describe('the tables', () => {
  it('say each sentence once, so that a translation is changed in one place', () => {
    const sentences = [zhServers, zhEngine, zhImages, zhPeople, zhRequests].flatMap((table) => Object.keys(table));
    expect(sentences.filter((sentence, index) => sentences.indexOf(sentence) !== index)).toEqual([]);
  });
});

const BAD = [
  ...[undefined, null, true, '', 'latest', 'x'.repeat(3000), 'a b\u0000', 0, -1, 1.5, 1e12, Number.NaN],
  ...[[], [1], Array<string>(300).fill('x'), {}, { 'a b': 1 }, { PATH: 'x' }],
];

/** Values that go against a schema in each way that its shape allows, and each part of it so. */
function badValues(schema: z.core.$ZodType, depth = 0): unknown[] {
  if (depth > 5) return BAD;
  const def = schema._zod.def as unknown as Record<string, z.core.$ZodType | undefined>;
  const inner = ['innerType', 'element', 'valueType', 'in'].flatMap((part) => {
    const parts = def[part] === undefined ? [] : badValues(def[part], depth + 1);
    return parts.flatMap((bad) => [bad, [bad]]);
  });
  const fields = Object.entries(def['shape'] ?? {}).flatMap(([key, field]) =>
    badValues(field as z.core.$ZodType, depth + 1).map((bad) => ({ [key]: bad })),
  );
  return [...BAD, ...inner, ...fields];
}

describe('what is wrong with a request', () => {
  const schemas = allRoutes
    .flatMap(({ body, query, params }) => [body, query, params])
    .filter((schema) => schema.type !== 'undefined');
  const messages = new Set(
    schemas.flatMap((schema) =>
      badValues(schema).flatMap((bad) => schema.safeParse(bad).error?.issues.flatMap(messagesOf) ?? []),
    ),
  );

  it('is said in Chinese, in whatever way a field is wrong', () => {
    expect(messages.size).toBeGreaterThan(30);
    expect([...messages].filter((message) => !/\p{Script=Han}/u.test(zh(message)))).toEqual([]);
  });

  it('has no translation that no schema needs', () => {
    const shapes = Object.entries(OTHER_TEXTS.schemas).map(([english, chinese]) => compile(english, chinese));
    const unused = shapes.filter(({ pattern }) => ![...messages].some((message) => pattern.test(message)));
    expect(unused.map(({ translation }) => translation)).toEqual([]);
  });
});

/** The hub itself words what is about unknown fields. */
function messagesOf(issue: z.core.$ZodIssue): string[] {
  return issue.code === 'unrecognized_keys' ? [] : [issue.message];
}
