import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativeDirectory } from './platform/embeddedPostgres.ts';

/**
 * The PostgreSQL of a trial on a cluster, as a program of its own: prepares its data in DAVIT_POSTGRES_DIR and becomes
 * PostgreSQL, which listens on all addresses for user and database `davit` with the password in
 * DAVIT_POSTGRES_PASSWORD_FILE. The password counts from each start, so a new one needs a restart only.
 */
const DATABASE = 'davit';
const HOST_RULES = `host ${DATABASE} ${DATABASE} all scram-sha-256\n`;

const directory = required('DAVIT_POSTGRES_DIR');
const password = readFileSync(required('DAVIT_POSTGRES_PASSWORD_FILE'), 'utf8').trim();
const native = nativeDirectory();
const postgres = join(native, 'bin', 'postgres');
const data = join(directory, 'data');
const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', LD_LIBRARY_PATH: join(native, 'lib') };

if (!existsSync(data)) initialise();
// Volumes that belong to a pod's group are opened to that group, and PostgreSQL refuses data that others may change.
chmodSync(data, 0o700);
runAlone(data, `ALTER ROLE ${DATABASE} PASSWORD ${quote(password)};`);
process.execve?.(
  postgres,
  [
    postgres,
    ...['-D', data],
    ...['-c', 'listen_addresses=*'],
    ...['-c', 'unix_socket_directories='],
    ...['-c', 'max_connections=100'],
    ...['-c', 'shared_buffers=64MB'],
  ],
  env,
);

/** Under another name until it is whole: one that was interrupted begins anew. */
function initialise(): void {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const options = ['-U', DATABASE, '-A', 'reject', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  execFileSync(join(native, 'bin', 'initdb'), ['-D', unfinished, ...options], { env, stdio: 'inherit' });
  writeFileSync(join(unfinished, 'pg_hba.conf'), HOST_RULES);
  runAlone(unfinished, `CREATE DATABASE ${DATABASE};`);
  renameSync(unfinished, data);
}

/** Runs one statement in a PostgreSQL that nobody else can reach. */
function runAlone(place: string, statement: string): void {
  execFileSync(postgres, ['--single', '-D', place, '-c', 'exit_on_error=on', 'postgres'], {
    env,
    input: `${statement}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

function quote(text: string): string {
  if (!/^[\x21-\x7e]{8,}$/.test(text))
    throw new Error('The password must be at least 8 printable characters without spaces.');
  return `'${text.replaceAll("'", "''")}'`;
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}
