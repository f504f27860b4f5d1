import { z } from 'zod';

/** Where package managers in servers ask; the hub's own machine may ask elsewhere. Everybody's servers show these settings. */
const index = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address' })
  .refine((text) => !hasCredentials(text), {
    message:
      'must have no user and password: everybody can read it in a server. Give the address alone, and let the index know the machines that may ask',
  });

/** The settings of package managers in servers. */
export const packageIndexSettings = {
  DAVIT_PIP_INDEX_URL: index.optional(),
  DAVIT_NPM_REGISTRY: index.optional(),
};

type Values = z.output<z.ZodObject<typeof packageIndexSettings>>;

/** The same as variables that pip, uv and npm (and those that read npm's: pnpm, yarn 1) take. */
export function packageIndexVariables(values: Values): Record<string, string> {
  const { DAVIT_PIP_INDEX_URL: pip, DAVIT_NPM_REGISTRY: npm } = values;
  return {
    ...(pip === undefined ? {} : { PIP_INDEX_URL: pip, UV_DEFAULT_INDEX: pip, ...trusted(new URL(pip)) }),
    ...(npm === undefined ? {} : { NPM_CONFIG_REGISTRY: npm }),
  };
}

/** Without TLS pip takes nothing from a host that it was not told to trust. */
function trusted({ protocol, host }: URL): Record<string, string> {
  return protocol === 'http:' ? { PIP_TRUSTED_HOST: host } : {};
}

/** What is no address at all is told of otherwise. */
function hasCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}
