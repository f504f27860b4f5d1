/** Homes of a container: the user's, root's where sudo is allowed, and those of people that somebody added. */
const HOMES = ['/home/*', '/root'];

/** Keys, tokens and passwords as programs keep them. */
const CREDENTIALS = [
  '.ssh',
  '.gnupg',
  '.netrc',
  '.git-credentials',
  '.config/git/credentials',
  '.docker',
  '.config/containers',
  '.aws',
  '.azure',
  '.boto',
  '.config/gcloud',
  '.config/rclone',
  '.s3cfg',
  '.kube',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pypirc',
  '.pip',
  '.config/pip',
  '.config/pypoetry/auth.toml',
  '.config/uv/credentials.toml',
  '.local/share/uv/credentials',
  '.cargo/credentials*',
  '.gem/credentials',
  '.m2/settings*.xml',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.terraform.d',
  '.databrickscfg',
  '.kaggle',
  '.huggingface',
  '.config/wandb',
  '.vault-token',
  '.pgpass',
  '.my.cnf',
  '.mylogin.cnf',
  '.password-store',
  '.local/share/keyrings',
  '.mozilla',
  '.config/chromium',
  '.config/google-chrome',
  '.thunderbird',
  '.vnc',
  '.config/tigervnc',
  '.Xauthority',
  '.ICEauthority',
  '.jupyter/*.json',
  '.jupyter/*cookie_secret*',
];

/** What was typed, and what ran. */
const TRACES = [
  '.*_history',
  '.*history',
  '.histfile',
  '.*_history-*',
  '.lesshst',
  '.viminfo',
  '.wget-hsts',
  '.local/state/*history*',
  '.local/share/fish/fish_history',
  '.local/share/nano',
  '.local/share/recently-used.xbel',
  '.ipython/profile_*/history.sqlite*',
  '.ipython/profile_*/security',
  '.ipython/profile_*/pid',
  '.ipython/profile_*/log',
  '.local/share/jupyter/runtime',
  '.local/share/jupyter/*cookie_secret*',
  '.local/share/jupyter/notebook_secret',
  '.local/share/jupyter/nbsignatures.db*',
  '.local/share/Trash',
  '.cache',
];

/** Places of the machine that live no longer than a container. A pattern that ends in `**` keeps the directory itself. */
const PLACES = [
  '/tmp/**',
  '/var/tmp/**',
  '/run/**',
  '/var/log/**',
  '/var/cache/apt/archives/**',
  '/var/mail/**',
  '/var/spool/**',
  '/data/**',
];

/**
 * What no saved image holds: patterns of absolute paths. `*` stands for anything in one name, `**` for any number of names.
 * A path that matches is left out with all that lies below it.
 */
export const ALWAYS_SCRUBBED: readonly string[] = [
  ...PLACES,
  ...HOMES.flatMap((home) => [...CREDENTIALS, ...TRACES].map((path) => `${home}/${path}`)),
];
