'use strict';
/*
 * Runs as root inside an image that was not made by Davit, while the agent is added to it: gives it the user, the
 * directories and the editors' descriptions that the agent expects. That it runs at all shows that the image can run the
 * agent. What it prints goes to the build's log; the first line is looked for by the hub.
 */
const fs = require('node:fs');
const { join } = require('node:path');

const UID = 1000;
const HOME = '/home/davit';
const EDITORS = '/opt/davit/editors';
const HERE = __dirname;
const editors = JSON.parse(fs.readFileSync(join(HERE, 'wanted.json'), 'utf8'));

console.log('davit: this image can run the agent');
addLine('/etc/group', 2, `davit:x:${UID}:`);
addLine('/etc/passwd', 2, `davit:x:${UID}:${UID}::${HOME}:${fs.existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'}`);
own(HOME);
for (const path of ['/data', '/data/private', '/data/private/default', '/data/public', '/data/share']) own(path);
link('/data/private/default', '/data/user');
link('/data/user', `${HOME}/work`);
if (fs.existsSync('/etc/sudoers.d')) {
  fs.writeFileSync('/etc/sudoers.d/davit', `#${UID} ALL = (ALL:ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
}
for (const editor of editors) describe(editor);

/** Adds a line to a file of the user database unless one has the id in that field. */
function addLine(path, field, line) {
  const text = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
  if (text.split('\n').some((one) => one.split(':')[field] === String(UID))) return;
  fs.writeFileSync(path, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
}

function own(path) {
  fs.mkdirSync(path, { recursive: true });
  fs.chownSync(path, UID, UID);
}

function link(target, path) {
  if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) fs.symlinkSync(target, path);
}

function describe(editor) {
  const path = join(EDITORS, `${editor}.json`);
  if (fs.existsSync(path)) return;
  const template = join(HERE, `${editor}.json`);
  const program = fs.existsSync(template)
    ? programOf(JSON.parse(fs.readFileSync(template, 'utf8')).command)
    : undefined;
  const found = (process.env.PATH ?? '').split(':').some((folder) => program && fs.existsSync(join(folder, program)));
  if (!found) {
    console.log(`davit: refused: it does not carry ${editor}${program ? `: there is no program ${program}` : ''}`);
    process.exit(1);
  }
  fs.mkdirSync(EDITORS, { recursive: true });
  fs.copyFileSync(template, path);
}

/** `jupyter lab` is the program `jupyter-lab`. */
function programOf([program, subcommand = '']) {
  return /^[a-z]+$/.test(subcommand) ? `${program}-${subcommand}` : program;
}
