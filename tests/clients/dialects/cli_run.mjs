// Runs an agent's program to its end, in a home of its own that has nothing but what the case puts
// there.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What the agents read in the folder where they work. */
export const note = 'the note says: 世界 42';

/** The folders of a case: `home`, and `work` with a note in it. */
export async function folders(scene) {
  const home = path.join(scene.directory, 'home');
  const work = path.join(scene.directory, 'work');
  await mkdir(home, { recursive: true });
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'note.txt'), `${note}\n`);
  return { home, work };
}

/** Writes a file below the home. */
export async function putFile(home, name, content) {
  const file = path.join(home, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

/**
 * How it ended and all it said. Whatever it wants from outside ends nowhere. `bin`: a folder of
 * programs that it may run.
 */
export async function runProgram(scene, command, args, { home, work, bin, env = {} }) {
  const nowhere = 'http://127.0.0.1:1';
  const child = spawn(command, args, {
    cwd: work,
    env: {
      PATH: [bin, path.dirname(process.execPath), process.env.PATH].filter(Boolean).join(':'),
      HOME: home,
      TMPDIR: process.env.TMPDIR ?? '/tmp',
      LANG: 'C.UTF-8',
      HTTPS_PROXY: nowhere,
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [output, printed] = ['', ''];
  const exited = once(child, 'close');
  scene.atEnd(async () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it and all it started have ended
    }
    await exited;
  });
  child.stdout.on('data', (chunk) => {
    printed += chunk;
    output += chunk;
  });
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await exited;
  return { code, output, printed };
}
